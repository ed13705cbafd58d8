//! What the server is called, what it says of itself, and where it listens.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use super::Mapped;
use super::reader::{Left, Object};
use crate::project::{Name, quoted};

/// The settings of a server, and where a configuration says them; of two, the first that is there is taken.
const SETTINGS: [(&str, &[&str]); 3] = [
    ("name", &["name"]),
    ("version", &["version"]),
    ("instructions", &["instructions", "description"]),
];

/// Maps `server`, or the same at the top, and takes it out of the root. The name.
pub(super) fn map(root: &mut Object, mapped: &mut Mapped, left: &mut Left) -> String {
    let mut server = root.object("server", left).unwrap_or_else(Object::empty);
    let mut name = String::new();
    for (setting, keys) in SETTINGS {
        let found = keys.iter().find_map(|key| {
            let text = server.text(key).or_else(|| root.text(key))?;
            Some((key, text))
        });
        let Some((key, mut text)) = found else {
            continue;
        };
        if setting == "name" {
            name.clone_from(&text);
            Name::near(Path::new(&name)).as_str().clone_into(&mut text);
        }
        // Writing to a string cannot fail.
        let _ = writeln!(mapped.server, "{setting} = {}", quoted(&text));
        mapped
            .done
            .push(format!("`{key}` is `{setting}` in skills.toml"));
    }
    address(&mut server, root, mapped, left);
    server.leave("nothing here corresponds to it", left);
    name
}

/// `host` and `port`: an argument of `serve`.
fn address(server: &mut Object, root: &mut Object, mapped: &mut Mapped, left: &mut Left) {
    let mut place = |key: &str| {
        let pointer = [&*server, root]
            .into_iter()
            .find(|object| object.has(key))?
            .pointer_to(key);
        let value = server.take(key).or_else(|| root.take(key))?;
        Some((pointer, value))
    };
    let (host, port) = (place("host"), place("port"));
    if host.is_none() && port.is_none() {
        return;
    }
    let ip = match &host {
        None => Some(IpAddr::from(Ipv4Addr::LOCALHOST)),
        Some((_, host)) => match host.as_str() {
            Some("localhost") => Some(Ipv4Addr::LOCALHOST.into()),
            host => host.and_then(|host| host.parse().ok()),
        },
    };
    let number = match &port {
        None => Some(3001),
        Some((_, port)) => {
            let text = port.as_str().and_then(|port| port.parse().ok());
            text.or_else(|| port.as_u64().and_then(|port| port.try_into().ok()))
        }
    };
    if let (Some(ip), Some(number)) = (ip, number) {
        let address = SocketAddr::new(ip, number);
        mapped.to_do.push(format!(
            "start it with `serve --listen {address} --policy policy.toml`"
        ));
        return;
    }
    for (pointer, _) in [host, port].into_iter().flatten() {
        left.add(
            pointer,
            "`serve --listen` takes an IP address and a port, as in 127.0.0.1:3001",
        );
    }
}
