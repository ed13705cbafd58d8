//! An authorization server behind HTTPS, with a certificate that no public authority has signed.

use super::authorization_server::AuthorizationServer;
use super::guarded::{ask_with, command, file, policy, serving};
use crate::installation::{python, run};
use crate::service::refused;

#[test]
fn a_certificate_is_trusted_that_the_ca_file_vouches_for_and_no_other() {
    let name = file("private", "as", "");
    run(python("certificate.py").arg(&name).arg("localhost"));
    let issuer = AuthorizationServer::with_certificate(&name);
    assert!(issuer.issuer().starts_with("https://localhost:"));
    let trusting = policy("private", "ca-file = \"as.pem\"", &[(issuer.issuer(), "")]);
    let service = serving(&mut command(&trusting), &issuer);
    let answer = ask_with(&service, &issuer.token("es256", "skills:read"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    // Another one of the same name is not it.
    let other = file("private", "other", "");
    run(python("certificate.py").arg(&other).arg("localhost"));
    for settings in ["", "ca-file = \"other.pem\""] {
        let settings = format!("startup = \"fail-fast\"\n{settings}");
        let policy = policy("private", &settings, &[(issuer.issuer(), "")]);
        let said = refused(&mut command(&policy)).log;
        assert!(said.contains(issuer.issuer()), "{said}");
        assert!(said.contains("invalid peer certificate"), "{said}");
    }
}
