//! nginx, `HAProxy` and Caddy as the manual sets them up: its own configurations with our addresses in them.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use super::manual::{block, free_port, replaced};
use crate::debian::debian;
use crate::service::{PATIENCE, folder};

/// The name of the server in the manual.
pub(super) const NAME: &str = "skills.example.com";

/// The addresses of the servers in the manual.
const PLACES: [&str; 3] = ["10.0.0.11:3001", "10.0.0.12:3001", "10.0.0.13:3001"];

/// A proxy that the manual has a configuration for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Program {
    Nginx,
    HaProxy,
    Caddy,
}

impl Program {
    pub(super) const ALL: [Self; 3] = [Self::Nginx, Self::HaProxy, Self::Caddy];

    const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::HaProxy => "haproxy",
            Self::Caddy => "caddy",
        }
    }

    /// The manual's configuration, with our addresses, and around it what keeps the program to its folder.
    fn configuration(
        self,
        folder: &Path,
        address: SocketAddr,
        instances: &[SocketAddr; 3],
    ) -> String {
        let (language, text) = match self {
            Self::Nginx => ("nginx", "upstream"),
            Self::HaProxy => ("haproxy", "backend skills"),
            Self::Caddy => ("caddyfile", "reverse_proxy"),
        };
        let mut shown = block(language, text);
        for (place, instance) in PLACES.iter().zip(instances) {
            shown = replaced(&shown, place, &instance.to_string());
        }
        match self {
            Self::Nginx => {
                let shown = replaced(&shown, "listen 443 ssl;", &format!("listen {address};"));
                let folder = folder.display();
                let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
                let places = kinds.map(|kind| format!("{kind}_temp_path {folder}/{kind};\n"));
                let places = places.concat();
                format!(
                    "daemon off;\nuser root;\npid {folder}/pid;\nerror_log stderr;\nworker_processes 1;\nevents {{}}\n\
                     http {{\naccess_log off;\n{places}{shown}\n}}\n"
                )
            }
            Self::HaProxy => {
                let tls = "bind :443 ssl crt /etc/haproxy/skills.pem alpn h2,http/1.1";
                replaced(&shown, tls, &format!("bind {address}")) + "\n"
            }
            Self::Caddy => {
                let port = address.port();
                let site = replaced(&shown, &format!("{NAME} {{"), &format!("http://:{port} {{"));
                format!("{{\nadmin off\nauto_https off\n}}\n{site}\n")
            }
        }
    }

    fn command(self, file: &Path, folder: &Path) -> Command {
        let program = debian(&[self.name()], self.name());
        let mut command = program.command();
        match self {
            Self::Nginx => command
                .args(["-e", "stderr", "-c"])
                .arg(file)
                .arg("-p")
                .arg(folder),
            Self::HaProxy => command.args(["-db", "-f"]).arg(file),
            Self::Caddy => command
                .args(["run", "--adapter", "caddyfile", "--config"])
                .arg(file)
                .env("HOME", folder),
        };
        command
    }
}

/// A running proxy, ended with its workers when it is dropped.
pub(super) struct Proxy {
    master: Child,
    address: SocketAddr,
}

impl Proxy {
    pub(super) fn start(program: Program, name: &str, instances: &[SocketAddr; 3]) -> Self {
        let folder = folder(&format!("{}-{name}", program.name()));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let file = folder.join("configuration");
        let configuration = program.configuration(&folder, address, instances);
        fs::write(&file, configuration).expect("a file below target/");
        let log = fs::File::create(folder.join("log")).expect("a file below target/");
        let master = program
            .command(&file, &folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the proxy starts");
        let mut proxy = Self { master, address };
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            let ended = proxy.master.try_wait().expect("a child can be asked");
            assert!(
                ended.is_none() && Instant::now() < end,
                "{program:?} does not listen: {}",
                fs::read_to_string(folder.join("log")).unwrap_or_default()
            );
        }
        proxy
    }

    /// Where clients connect to.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Killed, it would leave its workers behind.
        let quit = format!("kill -TERM {}", self.master.id());
        let _ = Command::new("sh").args(["-c", &quit]).status();
        let _ = self.master.wait();
    }
}
