"""Asks the programs whether they would start with what deploy/ gives them: check-deploy.py PROGRAMS SECRETS."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

PROGRAMS, SECRETS = pathlib.Path(sys.argv[1]), sys.argv[2]
SERVICES = ("korrigo-gateway", "korrigo-grading", "korrigo-pdf-worker")


def compose():
    """The services of the compose file: program, settings, and the secrets that they may read."""
    services = yaml.safe_load(pathlib.Path("deploy/compose/compose.yaml").read_text())["services"]
    for name, service in services.items():
        command = service.get("command", [""])
        if command[0] in SERVICES:
            # What compose takes from its own environment need not be there.
            settings = {key: value for key, value in service["environment"].items() if value is not None}
            secrets = {f"/run/secrets/{secret}" for secret in service["secrets"]}
            assert service["healthcheck"]["test"] == ["CMD", command[0], "--probe"], f"compose {name}: it is not asked how it is"
            yield f"compose {name}", command[0], settings, secrets


def kubernetes():
    """The deployments of the manifests, with what the common settings add."""
    common = yaml.safe_load(pathlib.Path("deploy/kubernetes/settings.yaml").read_text())["data"]
    for file in sorted(pathlib.Path("deploy/kubernetes").glob("*.yaml")):
        for thing in yaml.safe_load_all(file.read_text()):
            if thing["kind"] != "Deployment":
                continue
            pod = thing["spec"]["template"]["spec"]
            (container,) = pod["containers"]
            if container["args"][0] not in SERVICES:
                continue
            own = {entry["name"]: entry.get("value", "pod-1") for entry in container["env"]}
            secrets = {f"/secrets/{item['path']}" for volume in pod["volumes"] if volume["name"] == "secrets"
                       for item in volume["secret"]["items"]}
            yield f"kubernetes {thing['metadata']['name']}", container["args"][0], common | own, secrets


def systemd():
    """The units."""
    for file in (pathlib.Path("deploy/systemd", f"{name}.service") for name in SERVICES):
        lines = [line.partition("=") for line in file.read_text().splitlines()]
        settings = dict(value.split("=", 1) for key, _, value in lines if key == "Environment")
        secrets = {f"%d/{value.partition(':')[0]}" for key, _, value in lines if key == "LoadCredential"}
        yield f"systemd {file.stem}", file.stem, settings, secrets


def check(what, program, settings, secrets):
    """Whether the program is content. What is a secret of the installation is one of those made for the check."""
    read = set()
    environment = {"PATH": os.environ["PATH"]}
    for key, value in settings.items():
        if key.endswith("_FILE"):
            read.add(value)
            value = os.path.join(SECRETS, os.path.basename(value))
        environment[key] = value
    done = subprocess.run([PROGRAMS / program, "--check-config"], env=environment, capture_output=True, text=True)
    problems = [done.stderr.strip()] if done.returncode else []
    documented = pathlib.Path("docs/configuration.md").read_text()
    problems += [f"{key} is no setting" for key in settings if f"`{key}`" not in documented]
    problems += [f"{file} is read and not given" for file in sorted(read - secrets)]
    problems += [f"{file} is given and not read" for file in sorted(secrets - read - {"%d/audit-key"})]
    return [f"{what}: {problem}" for problem in problems]


def choices():
    """Whether what is added where it is wanted gives settings that there are."""
    documented = pathlib.Path("docs/configuration.md").read_text()
    files = ["compose/certificates.yaml", "kubernetes/bucket/kustomization.yaml", "kubernetes/certificates/kustomization.yaml",
             "systemd/certificates.conf"]
    for file in files:
        given = sorted(set(re.findall(r"KORRIGO_[A-Z0-9_]+", pathlib.Path("deploy", file).read_text())))
        yield from (f"{file}: {key} is no setting" for key in given if f"`{key}`" not in documented)


def by_itself():
    """What runs an operator's command by itself: the command, and the settings."""
    service = yaml.safe_load(pathlib.Path("deploy/compose/compose.yaml").read_text())["services"]["schema"]
    yield "compose schema", service["command"], service["environment"]
    taken = ["korrigo", "backup", "take"]
    service = yaml.safe_load(pathlib.Path("deploy/compose/compose.yaml").read_text())["services"]["backup"]
    yield "compose backup", taken, service["environment"]
    job = yaml.safe_load(pathlib.Path("deploy/kubernetes/backup.yaml").read_text())
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    yield "kubernetes backup", taken, {entry["name"]: entry["value"] for entry in container["env"]}
    texts = ["".join(service["command"]), "".join(container["args"]), pathlib.Path("deploy/systemd/korrigo-backup.service").read_text()]
    assert all(" ".join(taken) in text for text in texts), "a backup that is none"


def stopped():
    """Whether the shell that takes a backup every day has the one under way end, and waits for it, when it is told to end."""
    service = yaml.safe_load(pathlib.Path("deploy/compose/compose.yaml").read_text())["services"]["backup"]
    with tempfile.TemporaryDirectory() as home:
        stand_in = pathlib.Path(home, "korrigo")
        stand_in.write_text("#!/bin/sh\ntrap 'kill $!; echo ended; exit 1' TERM\nsleep 60 >/dev/null &\necho begun\nwait\n")
        stand_in.chmod(0o755)
        command = [word.replace("$$", "$") for word in service["command"]]
        environment = {"PATH": f"{home}:{os.environ['PATH']}"}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as shell:
            told = shell.stdout.readline()
            shell.terminate()
            told += shell.stdout.read()
    if told != "begun\nended\n":
        yield "compose backup: a backup under way is not told to end"


def left_behind():
    """What goes on with the programs of before where somebody types what docs/operations.md says of an upgrade."""
    told = pathlib.Path("docs/operations.md").read_text().partition("\n## Upgrades\n")[2].partition("\n## ")[0]
    for file in sorted(pathlib.Path("deploy/kubernetes").glob("*.yaml")):
        for thing in yaml.safe_load_all(file.read_text()):
            name = f"{thing['kind'].lower()}/{thing.get('metadata', {}).get('name')}"
            if thing["kind"] in ("Deployment", "CronJob") and f'set image {name} "*=$IMAGE"' not in told:
                yield f"kubernetes: an upgrade leaves {name} behind"
    services = yaml.safe_load(pathlib.Path("deploy/compose/compose.yaml").read_text())["services"]
    for name, service in services.items():
        stays = "build" in service and service["restart"] != "no"
        if stays and not re.search(rf"^docker compose .* up .*--no-deps\b.* {name}$", told, re.MULTILINE):
            yield f"compose: an upgrade leaves {name} behind"


def unasked():
    """The schema is changed by people: nothing in deploy/ has a command that does, but where it says what people type."""
    for file in sorted(file for file in pathlib.Path("deploy").rglob("*") if file.is_file()):
        if file.suffix not in (".md", ".json"):
            done = " ".join(re.findall(r"[\w-]+", re.sub(r"#.*", "", file.read_text())))
            yield from (f"{file} changes the schema unasked: {found}"
                        for found in re.findall(r"\bmigrate (?:up|down|bootstrap|set-aside)\b", done))


def seats():
    """Where operators sit: the files that are named there, and those that are given."""
    compose_file = yaml.safe_load(pathlib.Path("deploy/compose/compose.yaml").read_text())["services"]["operator"]
    named = [value for key, value in compose_file["environment"].items() if key.endswith("_FILE")]
    yield "compose operator", named, [f"/run/secrets/{secret}" for secret in compose_file["secrets"]]
    common = yaml.safe_load(pathlib.Path("deploy/kubernetes/settings.yaml").read_text())["data"]
    for thing in yaml.safe_load_all(pathlib.Path("deploy/kubernetes/operator.yaml").read_text()):
        if thing["kind"] != "Deployment":
            continue
        pod = thing["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        own = {entry["name"]: entry["value"] for entry in container["env"]}
        # Where log levels are changed with that token, no operator's command goes.
        files = common | own | {"KORRIGO_ADMIN_TOKEN_FILE": None}
        named = [value for key, value in files.items() if value and key.endswith("_FILE")]
        volumes = {volume["name"]: volume["secret"] for volume in pod["volumes"] if "secret" in volume}
        mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        given = [f"{mounts[name]}/{item['path']}" for name, secret in volumes.items() for item in secret.get("items", [])]
        yield "kubernetes operator", [*named, own["KORRIGO_AUDIT_PUBLIC_KEY"]], given
    lines = pathlib.Path("deploy/systemd/operator.env").read_text().splitlines()
    named = [line.partition("=")[2] for line in lines if line.partition("=")[0].endswith("_FILE") and line[0] != "#"]
    yield "systemd operator", named, [f"/etc/korrigo/secrets/{file.name}" for file in pathlib.Path(SECRETS).iterdir()]


def seated(what, named, given):
    """Whether a seat has every file that it names, and a machine that is not its own no more than these."""
    problems = [f"{file} is named and not given" for file in sorted(set(named) - set(given))]
    if not what.startswith("systemd"):
        problems += [f"{file} is given and not named" for file in sorted(set(given) - set(named))]
    return [f"{what}: {problem}" for problem in problems]


def known(commands):
    """Whether the operators' commands are there, and know what they are given."""
    for what, command, settings in commands:
        done = subprocess.run([PROGRAMS / command[0], *command[1:], "--help"], capture_output=True, text=True, check=True)
        # Long lines are broken anywhere.
        told = "".join(done.stdout.split())
        yield from (f"{what}: {key} is no setting" for key in settings if f"[env:{key}" not in told)


def autoscaling():
    """Whether each queue of workers counts for how many there are, by a metric that the adapter makes of what is scraped."""
    adapter = yaml.safe_load(pathlib.Path("deploy/kubernetes/autoscaling/prometheus-adapter.yaml").read_text())
    (rule,) = yaml.safe_load(adapter["data"]["config.yaml"])["externalRules"]
    series, queues = re.fullmatch(r'(\w+)\{queue=~"(.*)"\}', rule["seriesQuery"]).groups()
    scraping = yaml.safe_load(pathlib.Path("deploy/prometheus/prometheus.yml").read_text())["scrape_configs"]
    families = [family for job in scraping for family in job.get("params", {}).get("family", [])]
    # Among what the broker's documents list below this family.
    if series != "rabbitmq_detailed_queue_messages_ready" or "queue_coarse_metrics" not in families:
        yield f"prometheus-adapter.yaml: {series} is not scraped"
    things = yaml.safe_load_all(pathlib.Path("deploy/kubernetes/pdf-worker.yaml").read_text())
    (scaler,) = [thing for thing in things if thing["kind"] == "HorizontalPodAutoscaler"]
    wanted = [metric["external"]["metric"] for metric in scaler["spec"]["metrics"]]
    for metric in wanted:
        if metric["name"] != rule["name"]["as"]:
            yield f"pdf-worker.yaml: nobody makes {metric['name']}"
        # What Prometheus reads in a string has its backslashes twice.
        if not re.fullmatch(queues.replace("\\\\", "\\"), metric["selector"]["matchLabels"]["queue"]):
            yield f"prometheus-adapter.yaml: nothing of {metric['selector']['matchLabels']}"
    counted = {metric["selector"]["matchLabels"]["queue"] for metric in wanted}
    topology = pathlib.Path("crates/broker/src/topology.rs").read_text()
    worked = set(re.findall(r'_QUEUE: &str = "([^"]*)"', topology))
    yield from (f"pdf-worker.yaml: {queue} does not count" for queue in sorted(worked ^ counted))


def main():
    services = [*compose(), *kubernetes(), *systemd()]
    problems = [problem for service in services for problem in check(*service)]
    problems += known(by_itself())
    problems += stopped()
    problems += left_behind()
    problems += unasked()
    problems += [problem for seat in seats() for problem in seated(*seat)]
    problems += choices()
    problems += autoscaling()
    print("\n".join(problems) or f"{len(services)} services would start with what deploy/ gives them")
    # Three services, three ways.
    sys.exit(bool(problems) or len(services) != 9)


main()
