"""Writes a certificate that signs itself, and its key: python3 certificate.py FILE NAME...

FILE.pem is the certificate, FILE.key its key.
"""

import datetime
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

file, *names = sys.argv[1:]
key = ec.generate_private_key(ec.SECP256R1())
subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
day = datetime.timedelta(days=1)
now = datetime.datetime.now(datetime.timezone.utc)
certificate = (
    x509.CertificateBuilder()
    .subject_name(subject)
    .issuer_name(subject)
    .public_key(key.public_key())
    .serial_number(x509.random_serial_number())
    .not_valid_before(now - day)
    .not_valid_after(now + day)
    .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    .sign(key, hashes.SHA256())
)
pem = serialization.Encoding.PEM
pathlib.Path(file + ".pem").write_bytes(certificate.public_bytes(pem))
pathlib.Path(file + ".key").write_bytes(
    key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
)
