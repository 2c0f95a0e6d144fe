//! The files that an account names for TLS: read and checked in one place, for a handshake and for
//! whoever wants to know beforehand.

use std::{fs, io, path::Path};

use dequeue_core::settings::certificate::ClientCertificate;
use dequeue_smtp::{TlsFault, TlsFile, TlsFileFault};
use rustls::{
    InconsistentKeys, RootCertStore,
    crypto::CryptoProvider,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
    sign::CertifiedKey,
};

/// A PEM file with as many certificates as a system has authorities takes a quarter of this.
const OCTETS_AT_MOST: u64 = 1 << 20;

/// The certificates of a CA file, and those of them that can be authorities.
///
/// # Errors
/// What is wrong with the file; where none of its certificates can be read, that.
pub(super) fn authorities(
    path: &Path,
) -> Result<(Vec<CertificateDer<'static>>, RootCertStore), TlsFault> {
    let named = certificates(TlsFile::CaFile, path)?;
    let mut roots = RootCertStore::empty();
    let (taken, _) = roots.add_parsable_certificates(named.iter().cloned());
    if taken == 0 {
        return Err(fault_of(
            TlsFile::CaFile,
            path,
            TlsFileFault::BadCertificate,
        ));
    }
    Ok((named, roots))
}

/// Our certificate with its key.
///
/// # Errors
/// What is wrong with which of the two files.
pub(super) fn identity(
    ours: ClientCertificate<'_>,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, TlsFault> {
    let of_key = |fault| fault_of(TlsFile::ClientKey, ours.key, fault);
    let chain = certificates(TlsFile::ClientCert, ours.certificate)?;
    let text = read(TlsFile::ClientKey, ours.key)?;
    let key = PrivateKeyDer::from_pem_slice(&text).map_err(|error| {
        of_key(match error {
            pem::Error::NoItemsFound if has_section(&text, b"ENCRYPTED PRIVATE KEY") => {
                TlsFileFault::EncryptedKey
            }
            pem::Error::NoItemsFound if is_pem(&text) => TlsFileFault::NoKey,
            _ => TlsFileFault::NotPem,
        })
    })?;
    // What OpenSSL wrote before version 1.0 has its mark of encryption within the section.
    if has_section(&text, b"RSA PRIVATE KEY") && contains(&text, b"Proc-Type: 4,ENCRYPTED") {
        return Err(of_key(TlsFileFault::EncryptedKey));
    }
    let key = provider
        .key_provider
        .load_private_key(key)
        .map_err(|_| of_key(TlsFileFault::BadKey))?;
    let identity = CertifiedKey::new(chain, key);
    match identity.keys_match() {
        // Some keys do not tell.
        Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(identity),
        Err(rustls::Error::InconsistentKeys(_)) => Err(of_key(TlsFileFault::KeyOfAnother)),
        Err(_) => Err(fault_of(
            TlsFile::ClientCert,
            ours.certificate,
            TlsFileFault::BadCertificate,
        )),
    }
}

/// All certificates of a PEM file, at least one.
fn certificates(file: TlsFile, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let text = read(file, path)?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let fault = match certificates {
        Ok(certificates) if !certificates.is_empty() => return Ok(certificates),
        Ok(_) if is_pem(&text) => TlsFileFault::NoCertificate,
        Ok(_) | Err(_) => TlsFileFault::NotPem,
    };
    Err(fault_of(file, path, fault))
}

fn read(file: TlsFile, path: &Path) -> Result<Vec<u8>, TlsFault> {
    let whole = || {
        let about = fs::metadata(path)?;
        // Reading from a pipe, or from a device, would wait, or never end.
        if !about.is_file() {
            return Err(io::Error::other("not a file"));
        }
        if about.len() > OCTETS_AT_MOST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        fs::read(path)
    };
    whole().map_err(|error| {
        let fault = match error.kind() {
            io::ErrorKind::NotFound => TlsFileFault::Missing,
            _ => TlsFileFault::Unreadable {
                error: error.to_string(),
            },
        };
        fault_of(file, path, fault)
    })
}

fn fault_of(file: TlsFile, path: &Path, fault: TlsFileFault) -> TlsFault {
    TlsFault::File {
        file,
        path: path.display().to_string(),
        fault,
    }
}

fn is_pem(text: &[u8]) -> bool {
    contains(text, b"-----BEGIN ")
}

fn has_section(text: &[u8], name: &[u8]) -> bool {
    contains(text, &[b"-----BEGIN ", name, b"-----"].concat())
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
