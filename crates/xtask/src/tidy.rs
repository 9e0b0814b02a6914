//! The checks, each a function from what is there to a list of findings. It takes seconds and no network.

mod alerts;
mod arrows;
mod closure;
mod events;
mod image;
mod inventory;
mod licences;
mod policy;
mod promql;
mod sources;
mod spdx;
pub(crate) mod text;
mod versions;
mod wrappers;

use anyhow::Result;

use crate::metadata::Workspace;
use crate::tidy::policy::Policy;

/// Everything that is not as it should be, one line each.
pub(crate) fn findings() -> Result<Vec<String>> {
    let workspace = Workspace::read()?;
    let policy = Policy::read(&workspace.root)?;
    let mut findings = arrows::check(&workspace);
    findings.extend(closure::check(&workspace));
    findings.extend(wrappers::check(&workspace, &policy));
    findings.extend(versions::check(&workspace, &policy));
    findings.extend(licences::check(&workspace, &policy));
    findings.extend(sources::check(&workspace));
    findings.extend(image::check(&workspace)?);
    findings.extend(text::check(&workspace.root)?);
    findings.extend(events::check(&workspace.root)?);
    findings.extend(alerts::check(&workspace.root)?);
    Ok(findings)
}
