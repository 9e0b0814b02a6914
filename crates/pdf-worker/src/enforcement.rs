//! Says at start what really holds the children on this machine.

use telemetry::Code;
use telemetry::events::{SandboxReady, SandboxUnavailable};
use telemetry::metrics::{self, Enforcement, SandboxLayer};

use crate::sandbox::{Confinement, Layer, Sandbox};

/// Tries the sandbox, and tells the log and the metrics. Where a layer is missing the worker still works: whether
/// that is acceptable is for people to decide, who are told with the greatest urgency.
pub(crate) async fn tell(sandbox: &Sandbox) {
    match sandbox.confinement().await {
        Ok(confinement) => {
            for (layer, held) in layers(confinement) {
                metrics::sandbox_enforced(layer, enforcement(held));
            }
            let weakest = weakest(confinement);
            telemetry::log(SandboxReady {
                enforcement: Code::of(weakest),
            });
            if weakest == Layer::Absent {
                telemetry::log(SandboxUnavailable {
                    reason: Code::of(weakest),
                });
            }
        }
        Err(error) => telemetry::log(SandboxUnavailable {
            reason: Code::of(error.cause),
        }),
    }
}

fn layers(confinement: Confinement) -> [(SandboxLayer, Layer); 3] {
    [
        (SandboxLayer::Files, confinement.files),
        (SandboxLayer::Network, confinement.network),
        (SandboxLayer::SystemCalls, confinement.system_calls),
    ]
}

fn enforcement(layer: Layer) -> Enforcement {
    match layer {
        Layer::Full => Enforcement::Full,
        Layer::Partial => Enforcement::Partial,
        Layer::Absent => Enforcement::Absent,
    }
}

/// What an intruder would try first.
fn weakest(confinement: Confinement) -> Layer {
    let held = layers(confinement).map(|(_, layer)| layer);
    if held.contains(&Layer::Absent) {
        Layer::Absent
    } else if held.contains(&Layer::Partial) {
        Layer::Partial
    } else {
        Layer::Full
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weakest_layer_counts() {
        let held = |files, network| Confinement {
            files,
            network,
            system_calls: Layer::Full,
        };
        assert_eq!(weakest(held(Layer::Full, Layer::Full)), Layer::Full);
        assert_eq!(weakest(held(Layer::Full, Layer::Partial)), Layer::Partial);
        assert_eq!(weakest(held(Layer::Absent, Layer::Partial)), Layer::Absent);
    }
}
