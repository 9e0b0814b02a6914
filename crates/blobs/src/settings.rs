//! The settings of a store of objects, the same for every program that opens one.

use std::path::PathBuf;

use clap::Args;
use domain::secret::{Secret, not_empty};

use crate::{Config, S3};

/// Where the blobs are.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// The directory of the blobs, which gateways and workers share. With a bucket, a directory of this machine for those that are on
    /// their way there.
    #[arg(long, env = "KORRIGO_BLOBS_DIR")]
    pub blobs_dir: PathBuf,

    /// A storage that speaks S3, as `https://host:port`: blobs are kept there and not in the directory.
    #[arg(long, env = "KORRIGO_BLOBS_S3_URL")]
    pub blobs_s3_url: Option<String>,

    /// The bucket there, which has to exist.
    #[arg(long, env = "KORRIGO_BLOBS_S3_BUCKET")]
    pub blobs_s3_bucket: Option<String>,

    /// The region of the bucket.
    #[arg(long, env = "KORRIGO_BLOBS_S3_REGION", default_value = "us-east-1")]
    pub blobs_s3_region: String,

    /// The name of the key that may read, write, list and delete in the bucket.
    #[arg(long, env = "KORRIGO_BLOBS_S3_KEY_ID", hide_env_values = true, value_parser = not_empty)]
    pub blobs_s3_key_id: Option<Secret>,

    /// That key.
    #[arg(long, env = "KORRIGO_BLOBS_S3_SECRET", hide_env_values = true, value_parser = not_empty)]
    pub blobs_s3_secret: Option<Secret>,
}

impl Settings {
    /// What they say together.
    pub fn config(&self) -> Result<Config, Unclear> {
        let parts = (
            &self.blobs_s3_url,
            &self.blobs_s3_bucket,
            &self.blobs_s3_key_id,
            &self.blobs_s3_secret,
        );
        let bucket = match parts {
            (None, None, None, None) => None,
            (Some(url), Some(bucket), Some(key_id), Some(secret)) => Some(S3 {
                url: reachable(url)?,
                bucket: bucket.clone(),
                region: self.blobs_s3_region.clone(),
                key_id: key_id.clone(),
                secret: secret.clone(),
            }),
            (None, _, _, _) => return Err(half("KORRIGO_BLOBS_S3_URL")),
            (_, None, _, _) => return Err(half("KORRIGO_BLOBS_S3_BUCKET")),
            (_, _, None, _) => return Err(half("KORRIGO_BLOBS_S3_KEY_ID")),
            (_, _, _, None) => return Err(half("KORRIGO_BLOBS_S3_SECRET")),
        };
        Ok(Config {
            directory: self.blobs_dir.clone(),
            bucket,
        })
    }
}

/// Settings that are not wrong by themselves, but together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct Unclear {
    /// The variable.
    pub key: &'static str,
    /// What is wrong, in constant words.
    pub problem: &'static str,
}

fn half(key: &'static str) -> Unclear {
    Unclear {
        key,
        problem: "is required, as other settings of the S3 storage are given",
    }
}

/// The address of a storage, without a path and without credentials.
fn reachable(url: &str) -> Result<String, Unclear> {
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let plain = |host: &str| !host.is_empty() && !host.contains(['/', '@', '?', '#', ' ']);
    if host.is_some_and(plain) {
        Ok(url.to_owned())
    } else {
        Err(Unclear {
            key: "KORRIGO_BLOBS_S3_URL",
            problem: "expected https://host:port, or http:// on a network of its own",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(given: [bool; 4]) -> Settings {
        let [url, bucket, key_id, secret] = given;
        Settings {
            blobs_dir: "var/blobs".into(),
            blobs_s3_url: url.then(|| "https://storage.test:9000".to_owned()),
            blobs_s3_bucket: bucket.then(|| "korrigo".to_owned()),
            blobs_s3_region: "us-east-1".to_owned(),
            blobs_s3_key_id: key_id.then(|| Secret::new("name")),
            blobs_s3_secret: secret.then(|| Secret::new("key")),
        }
    }

    #[test]
    fn a_bucket_is_described_completely_or_not_at_all() {
        assert!(settings([false; 4]).config().unwrap().bucket.is_none());
        assert_eq!(
            settings([true; 4]).config().unwrap().bucket.unwrap().bucket,
            "korrigo"
        );
        let variables = ["URL", "BUCKET", "KEY_ID", "SECRET"];
        for (missing, variable) in variables.iter().enumerate() {
            let mut given = [true; 4];
            given[missing] = false;
            let unclear = settings(given).config().unwrap_err();
            assert_eq!(unclear.key, format!("KORRIGO_BLOBS_S3_{variable}"));
        }
    }

    #[test]
    fn the_address_of_a_storage_has_no_path_and_no_credentials() {
        for good in ["https://s3.eu-west-3.amazonaws.com", "http://127.0.0.1:9000"] {
            assert!(reachable(good).is_ok());
        }
        for bad in [
            "",
            "s3://bucket",
            "https://",
            "https://me:pw@host",
            "https://host/bucket",
        ] {
            assert!(reachable(bad).is_err(), "{bad}");
        }
    }
}
