//! Whether what docker, kubectl, systemctl and journalctl were called with is in `deploy/`.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// The words of a call after its program.
type Words<'a> = &'a [String];

/// Fails if a file, a service, a secret or a unit is not there.
pub(crate) fn check(calls: &[Vec<String>]) {
    assert!(!calls.is_empty(), "nothing was called");
    for call in calls {
        let (program, words) = call.split_first().unwrap();
        match program.as_str() {
            "docker" => docker(words),
            "kubectl" => kubectl(words),
            "systemctl" | "journalctl" => units(words),
            "useradd" | "runuser" | "rabbitmqctl" => assert!(!words.is_empty()),
            _ => panic!("whose is this: {call:?}"),
        }
    }
}

fn docker(words: Words) {
    for file in values(words, "--file") {
        assert!(deployed(file).is_file(), "{file}");
    }
    let compose = read("compose/compose.yaml");
    if words[0] == "tag" {
        for image in &words[1..] {
            let name = until(image, &[':']);
            let ours = format!("image: ${{KORRIGO_IMAGE:-{name}}}\n");
            assert!(compose.contains(&ours), "{image}");
        }
        return;
    }
    if words[0] != "compose" {
        let tags =
            values(words, "--tag").chain(words.get(1).filter(|_| words[0] == "push").map(String::as_str));
        let kustomization = read("kubernetes/kustomization.yaml");
        for tag in tags {
            let (name, version) = tag.rsplit_once(':').unwrap();
            assert!(kustomization.contains(&format!("newName: {name}\n")), "{tag}");
            assert!(kustomization.contains(&format!("newTag: {version}\n")), "{tag}");
        }
        return;
    }
    for profile in values(words, "--profile") {
        let named = |list: &str| list.split(", ").any(|name| name == profile);
        let profiles = compose
            .lines()
            .filter_map(|line| line.trim().strip_prefix("profiles: ["));
        let mut lists = profiles.filter_map(|rest| rest.strip_suffix(']'));
        assert!(lists.any(named), "{profile}");
    }
    let order = words
        .iter()
        .position(|word| ["run", "restart", "stop", "up"].contains(&word.as_str()));
    if let Some(order) = order {
        let mut services = words[order + 1..].iter().filter(|word| !word.starts_with('-'));
        let service = services.next();
        // All of a profile are meant where none is named.
        assert!(service.is_some() || words[order] == "up", "{words:?}");
        if let Some(service) = service {
            assert!(compose.contains(&format!("\n  {service}:\n")), "{service}");
        }
    }
}

fn kubectl(words: Words) {
    let manifests = manifests();
    for word in words.iter().take_while(|word| *word != "--") {
        for (of, kind) in [("deployment/", "Deployment"), ("cronjob/", "CronJob")] {
            if let Some(name) = word.strip_prefix(of) {
                let thing = format!("kind: {kind}\nmetadata:\n  name: {name}\n");
                assert!(manifests.contains(&thing), "{word}");
            }
        }
        if let Some((_, names)) = word.split_once("app.kubernetes.io/name in (") {
            for name in names.trim_end_matches(')').split(", ") {
                let label = format!("labels: {{app.kubernetes.io/name: {name}}}");
                assert!(manifests.contains(&label), "{word}");
            }
        }
    }
    if words.iter().any(|word| word == "image") {
        let image = words.last().and_then(|word| word.strip_prefix("*=")).unwrap();
        let (name, _) = image.rsplit_once(':').unwrap();
        let ours = format!("newName: {name}\n");
        assert!(read("kubernetes/kustomization.yaml").contains(&ours), "{image}");
    }
    for directory in values(words, "--kustomize") {
        assert!(
            deployed(directory).join("kustomization.yaml").is_file(),
            "{directory}"
        );
    }
    for namespace in values(words, "--namespace") {
        let namespace = format!("kind: Namespace\nmetadata:\n  name: {namespace}\n");
        assert!(manifests.contains(&namespace), "{namespace}");
    }
    if let Some(at) = words.iter().position(|word| word == "generic") {
        let files = words.iter().filter_map(|word| word.strip_prefix("--from-file="));
        // A file, or the name before it that it has in the secret.
        let given = files.map(|file| file.split('=').next().unwrap().rsplit('/').next().unwrap());
        let (given, name) = (given.collect::<BTreeSet<_>>(), &words[at + 1]);
        let read = keys(&manifests, name);
        assert!(!read.is_empty(), "nobody reads {name}");
        assert!(
            read.is_subset(&given),
            "{name} has {given:?}, and {read:?} are read"
        );
    }
}

/// The files of a secret that somebody reads: those that are picked from it, or what is spoken of below the place where it
/// is mounted whole.
fn keys<'a>(manifests: &'a str, secret: &str) -> BTreeSet<&'a str> {
    let mut keys = BTreeSet::new();
    for (at, mark) in manifests.match_indices("secretName: ") {
        let (before, after) = manifests.split_at(at);
        let after = after.strip_prefix(mark).unwrap();
        if until(after, &[',', '}', '\n']) != secret {
            continue;
        }
        let items = after.lines().skip(1);
        let items = items.take_while(|line| line.contains("{key: ") || line.trim() == "items:");
        let picked: Vec<_> = items
            .filter_map(|line| Some(until(line.split_once("{key: ")?.1, &[','])))
            .collect();
        if picked.is_empty() {
            let volume = until(before.rsplit("- name: ").next().unwrap(), &['\n']);
            keys.extend(spoken_of(manifests, volume));
        }
        keys.extend(picked);
    }
    keys
}

/// The files of a volume that manifests speak of.
fn spoken_of<'a>(manifests: &'a str, volume: &str) -> Vec<&'a str> {
    let mounted = format!("{{name: {volume}, mountPath: ");
    let places = manifests.split(&mounted).skip(1);
    let places = places.map(|rest| format!(" {}/", until(rest, &[',', '}'])));
    let files = places.flat_map(|place| manifests.split(&place).skip(1).collect::<Vec<_>>());
    files.map(|file| until(file, &[',', '}', ']', '\n'])).collect()
}

/// What comes before the first of these.
fn until<'a>(text: &'a str, ends: &[char]) -> &'a str {
    text.split(ends).next().unwrap().trim()
}

fn units(words: Words) {
    for unit in words.iter().filter_map(|word| word.strip_prefix("korrigo-")) {
        let kind = if unit.contains('.') { "" } else { ".service" };
        let file = format!("systemd/korrigo-{unit}{kind}");
        // Only what is started with the machine says when.
        let text = read(&file);
        assert!(words[0] != "enable" || text.contains("[Install]"), "{file}");
    }
}

/// What follows a flag.
fn values<'a>(words: Words<'a>, flag: &'a str) -> impl Iterator<Item = &'a str> {
    let pairs = words.windows(2).filter(move |pair| pair[0] == flag);
    pairs.map(|pair| pair[1].as_str())
}

fn deployed(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path)
}

fn read(file: &str) -> String {
    fs::read_to_string(deployed("deploy").join(file)).unwrap()
}

/// All that is below `deploy/kubernetes`.
fn manifests() -> String {
    let directories = [
        "deploy/kubernetes",
        "deploy/kubernetes/bucket",
        "deploy/kubernetes/certificates",
    ]
    .map(deployed);
    let entries = directories
        .iter()
        .flat_map(|directory| fs::read_dir(directory).unwrap());
    let files = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file());
    files.map(|file| fs::read_to_string(file).unwrap()).collect()
}
