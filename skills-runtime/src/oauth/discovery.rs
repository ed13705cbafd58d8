//! Metadata of authorization servers: where their keys are, and where they can be asked about tokens (RFC 8414, OpenID Connect
//! Discovery 1.0).

use serde::Deserialize;

use super::client::{Client, Problem};
use super::endpoint::Endpoint;
use super::plan::Issuer;

/// What is wanted of an authorization server.
#[derive(Clone, Debug)]
pub(super) struct Endpoints {
    pub(super) jwks: Option<Endpoint>,
    pub(super) introspection: Option<Endpoint>,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: Option<String>,
    introspection_endpoint: Option<String>,
}

/// Reads the metadata of an authorization server.
pub(super) async fn discover(client: &Client, issuer: &Issuer) -> Result<Endpoints, Problem> {
    let mut problems = Vec::new();
    for place in places(&issuer.address) {
        match client.get(&place).await {
            Ok(answer) => match read(&answer.body, issuer) {
                Ok(endpoints) => return Ok(endpoints),
                Err(problem) => problems.push(Problem::Nonsense(place, problem).to_string()),
            },
            // It is at one of the other places.
            Err(problem @ (Problem::Status(..) | Problem::Redirect(..) | Problem::Long(_))) => {
                problems.push(problem.to_string());
            }
            // It is the same server at all of them.
            Err(problem) => return Err(problem),
        }
    }
    Err(Problem::Discovery(problems.join("; ")))
}

/// Where metadata can be, in the order of MCP: the well-known path before the path of the issuer (RFC 8414, section 3.1), and
/// after it (OpenID Connect Discovery, section 4).
fn places(issuer: &Endpoint) -> Vec<Endpoint> {
    let (origin, path) = (issuer.origin(), issuer.path());
    let oauth = format!("{origin}/.well-known/oauth-authorization-server{path}");
    let inserted = format!("{origin}/.well-known/openid-configuration{path}");
    let appended = format!("{origin}{path}/.well-known/openid-configuration");
    let mut places = vec![oauth, inserted];
    if !path.is_empty() {
        places.push(appended);
    }
    let places = places.iter().map(|place| Endpoint::parse(place));
    places.filter_map(Result::ok).collect()
}

fn read(text: &[u8], issuer: &Issuer) -> Result<Endpoints, String> {
    let metadata: Metadata = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if metadata.issuer != *issuer.name {
        return Err(format!(
            "it is that of {}, and the issuer that is trusted is {}, to the letter",
            super::token::shown(&metadata.issuer),
            issuer.name
        ));
    }
    let endpoint = |name: &str, text: Option<String>| match text {
        Some(text) => match Endpoint::parse(&text) {
            Ok(endpoint) => Ok(Some(endpoint)),
            Err(problem) => Err(format!("its {name} {problem}")),
        },
        None => Ok(None),
    };
    Ok(Endpoints {
        jwks: endpoint("jwks_uri", metadata.jwks_uri)?,
        introspection: endpoint("introspection_endpoint", metadata.introspection_endpoint)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(issuer: &str, expected: &[&str]) {
        let places = places(&Endpoint::parse(issuer).expect("an issuer"));
        let places: Vec<_> = places.iter().map(ToString::to_string).collect();
        assert_eq!(places, expected);
    }

    #[test]
    fn metadata_is_looked_for_where_the_standards_put_it() {
        let root = [
            "https://a.example/.well-known/oauth-authorization-server",
            "https://a.example/.well-known/openid-configuration",
        ];
        check("https://a.example", &root);
        check("https://a.example/", &root);
        let below = [
            "https://a.example:8/.well-known/oauth-authorization-server/x/y",
            "https://a.example:8/.well-known/openid-configuration/x/y",
            "https://a.example:8/x/y/.well-known/openid-configuration",
        ];
        check("https://a.example:8/x/y", &below);
        check("https://a.example:8/x/y/", &below);
    }
}
