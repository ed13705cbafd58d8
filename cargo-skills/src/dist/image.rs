//! A container image of nothing but the executable, as an OCI image layout (OCI image specification 1.1).

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

use super::facts::Facts;
use super::folder::Folder;
use super::{Error, Executable, registry};
use crate::digest::sha256;

/// Nobody: a number, because there is no file that would know a name.
const USER: &str = "65532:65532";

/// Where `serve` listens.
const PORT: &str = "3001/tcp";

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// An image, ready to be written.
#[derive(Debug)]
pub(super) struct Image {
    index: Value,
    blobs: Vec<Vec<u8>>,
}

/// The image, or why there cannot be one.
pub(super) fn image(
    executable: &Executable,
    facts: &Facts,
    bytes: &[u8],
    revision: Option<&str>,
) -> Result<Result<Image, String>, Error> {
    let target = &executable.target;
    let Some((architecture, variant)) = architecture(target) else {
        return Ok(Err(format!("there are no images for {target}")));
    };
    if !executable.is_static {
        let advice = "build it for a target such as x86_64-unknown-linux-musl";
        return Ok(Err(format!(
            "the executable needs libraries of a system, which an empty image does not have; {advice}"
        )));
    }
    let labels = labels(executable, facts, revision);
    let layer = layer(executable, bytes).map_err(Error::writing(&executable.path))?;
    let packed = gzip(&layer).map_err(Error::writing(&executable.path))?;
    let mut platform = json!({ "architecture": architecture, "os": "linux" });
    if let (Value::Object(members), Some(variant)) = (&mut platform, variant) {
        members.insert("variant".to_owned(), variant.into());
    }
    let mut config = platform.clone();
    if let Value::Object(members) = &mut config {
        members.insert("config".to_owned(), process(executable, &labels));
        let layers = json!({ "type": "layers", "diff_ids": [digest(&layer)] });
        members.insert("rootfs".to_owned(), layers);
        let history = json!([{ "created_by": "cargo skills dist" }]);
        members.insert("history".to_owned(), history);
    }
    let config = config.to_string().into_bytes();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(CONFIG, &config),
        "layers": [descriptor(LAYER, &packed)],
        "annotations": labels,
    });
    let manifest = manifest.to_string().into_bytes();
    let mut entry = descriptor(MANIFEST, &manifest);
    if let Value::Object(members) = &mut entry {
        members.insert("platform".to_owned(), platform);
        let name = json!({ "org.opencontainers.image.ref.name": tag(&facts.server.version) });
        members.insert("annotations".to_owned(), name);
    }
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [entry] });
    let blobs = vec![config, packed, manifest];
    Ok(Ok(Image { index, blobs }))
}

impl Image {
    /// Puts the layout into a folder.
    pub(super) fn put(&self, folder: &mut Folder) -> Result<(), Error> {
        folder.file("oci/oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        folder.file("oci/index.json", self.index.to_string().as_bytes())?;
        for blob in &self.blobs {
            folder.file(&format!("oci/blobs/sha256/{}", sha256(blob)), blob)?;
        }
        Ok(())
    }
}

/// What starts in the container. Without arguments the server speaks MCP over standard input and output, as hosts and the MCP
/// Registry have it; `serve` makes it listen.
fn process(executable: &Executable, labels: &BTreeMap<&str, String>) -> Value {
    json!({
        "User": USER,
        "ExposedPorts": { PORT: {} },
        "Entrypoint": [format!("/{}", executable.file_name())],
        "WorkingDir": "/",
        "Labels": labels,
    })
}

/// The labels that are known, which are the annotations of the manifest as well.
fn labels(
    executable: &Executable,
    facts: &Facts,
    revision: Option<&str>,
) -> BTreeMap<&'static str, String> {
    let server = &facts.server;
    let labels = [
        ("org.opencontainers.image.title", server.name.clone()),
        ("org.opencontainers.image.version", server.version.clone()),
        (
            "org.opencontainers.image.description",
            facts.description(usize::MAX),
        ),
        ("org.opencontainers.image.licenses", server.license.clone()),
        (
            "org.opencontainers.image.authors",
            server.authors.join(", "),
        ),
        ("org.opencontainers.image.source", server.repository.clone()),
        ("org.opencontainers.image.url", server.homepage.clone()),
        (
            "org.opencontainers.image.revision",
            revision.unwrap_or_default().to_owned(),
        ),
        (
            "io.modelcontextprotocol.server.name",
            registry::name(executable, facts).unwrap_or_default(),
        ),
    ];
    let known = labels.into_iter().filter(|(_, value)| !value.is_empty());
    known.collect()
}

/// The one layer: the executable at the root.
fn layer(executable: &Executable, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_size(bytes.len() as u64);
    header.set_mode(0o755);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    let mut builder = Builder::new(Vec::new());
    builder.append_data(&mut header, executable.file_name(), bytes)?;
    builder.into_inner()
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": digest(bytes), "size": bytes.len() })
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", sha256(bytes))
}

/// A version as a tag of an image: `+` has no place there.
fn tag(version: &str) -> String {
    version.replace('+', "_")
}

/// What images call the processor of a triple, and the variant of it.
fn architecture(target: &str) -> Option<(&'static str, Option<&'static str>)> {
    let mut parts = target.split('-');
    let processor = parts.next()?;
    if !parts.any(|part| part == "linux") {
        return None;
    }
    Some(match processor {
        "x86_64" => ("amd64", None),
        "aarch64" => ("arm64", None),
        "i586" | "i686" => ("386", None),
        "arm" => ("arm", Some("v6")),
        "armv7" => ("arm", Some("v7")),
        "powerpc64le" => ("ppc64le", None),
        "riscv64gc" => ("riscv64", None),
        "s390x" => ("s390x", None),
        "loongarch64" => ("loong64", None),
        _ => return None,
    })
}
