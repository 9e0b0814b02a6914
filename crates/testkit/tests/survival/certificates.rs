//! Certificates between the services come and change while people work, as `docs/operations.md` says.

use testkit::{Certificates, Service, System, Version, evidence};

use crate::corrector::Corrector;
use crate::ledger::judge;
use crate::rolling::{Sent, Traffic, gateways, gradings, twofold, workers};

#[tokio::test]
async fn services_turn_to_certificates_one_after_the_other_and_no_request_fails() {
    let mut system = twofold(System::builder()).start().await;
    let certificates = Certificates::make(&system.path("certificates"));
    let traffic = Traffic::of(&system).await;
    let turning = async {
        // One of the two has an address of its own from now on, and nobody calls it there yet.
        let protected = system.further_gradings.first_mut().unwrap();
        protected.show(&certificates);
        traffic.replace(protected).await;
        let url = format!("https://{}", protected.socket());
        let turn = |service: &mut Service| {
            service.show(&certificates);
            service.set("KORRIGO_GRADING_URL", &url);
        };
        for (place, gateway) in system.gateways.iter_mut().enumerate() {
            turn(gateway);
            traffic.replace_gateway(place, gateway).await;
        }
        for worker in &mut system.workers {
            turn(worker);
            worker.replace().await;
        }
        system.grading.show(&certificates);
        traffic.replace(&mut system.grading).await;
        // And back to the address of both.
        let url = format!("https://{}", system.front.address());
        for (place, gateway) in system.gateways.iter_mut().enumerate() {
            gateway.set("KORRIGO_GRADING_URL", &url);
            traffic.replace_gateway(place, gateway).await;
        }
    };
    let Sent {
        answered, uploads, ..
    } = traffic.during(turning).await;
    system.certificates = Some(certificates);
    whole_exam(&system).await;
    evidence(format_args!(
        "{answered} requests, {uploads} of them uploads, while all services turned from plain text to certificates: none failed"
    ));
}

#[tokio::test]
async fn certificates_and_their_authority_are_renewed_under_load_and_no_request_fails() {
    let mut system = twofold(System::builder().certificates()).start().await;
    let certificates = system.certificates.clone().unwrap();
    let new = Certificates::make(&system.path("new"));
    let (before, after) = (certificates.authority(), new.authority());
    let traffic = Traffic::of(&system).await;
    let renewing = async {
        certificates.accept(&[&before, &after]);
        replace_all(&mut system, &traffic).await;
        for program in [
            "korrigo-grading",
            "korrigo-gateway",
            "korrigo-pdf-worker",
            "korrigo-operator",
        ] {
            certificates.replace(program, &new, program);
        }
        replace_all(&mut system, &traffic).await;
        certificates.accept(&[&after]);
        replace_all(&mut system, &traffic).await;
    };
    let Sent {
        answered, uploads, ..
    } = traffic.during(renewing).await;
    whole_exam(&system).await;
    evidence(format_args!(
        "{answered} requests, {uploads} of them uploads, while a new authority and its certificates took the place of the old ones \
         in three rounds of restarts: none failed"
    ));
}

/// One instance after the other.
async fn replace_all(system: &mut System, traffic: &Traffic) {
    workers(system, Version::Now).await;
    gradings(system, traffic, Version::Now).await;
    gateways(system, traffic, Version::Now).await;
}

/// A copy from its upload to its corrected document, and an operator's command. All of it over certificates.
async fn whole_exam(system: &System) {
    system.settle().await;
    let copy = Corrector::of(system).await.correct(900).await;
    judge(system, &[copy]).await;
    let told = system.operate(&["retention", "report", "--operator", system.admin_login()]);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}
