"""What the proof of the alerts needs beside Prometheus and Alertmanager.

    prove-alerts.py listen HTTP_PORT MAIL_PORT   takes what Alertmanager sends, and prints a line for each alert; shows docs/
    prove-alerts.py diagnosis ALERT              prints the commands of the playbook to which the section of an alert leads
    prove-alerts.py dashboards URL DIRECTORY     asks Prometheus every expression of the dashboards
    prove-alerts.py ports NUMBER                 prints ports that are free
"""

import functools
import json
import pathlib
import re
import socket
import socketserver
import sys
import threading
import urllib.parse
import urllib.request
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class Webhook(SimpleHTTPRequestHandler):
    """Prints `webhook PATH STATUS ALERT COMPONENT`, and `broken LINK` where that does not lead to a section."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for alert in body["alerts"]:
            labels = alert["labels"]
            say("webhook", self.path, alert["status"], labels["alertname"], labels["component"])
            link = alert["annotations"]["runbook_url"]
            if "runbooks" in labels or not opens(link):
                say("broken", link)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


class Mail(socketserver.StreamRequestHandler):
    """Takes a mail in the plainest SMTP, and prints `mail RECEIVER SUBJECT`."""

    def handle(self):
        self.answer("220 here")
        receiver = ""
        for line in self.rfile:
            word = line.decode().strip()
            if word.upper().startswith("RCPT TO:"):
                receiver = word[8:].strip("<> ")
            if word.upper() == "DATA":
                self.answer("354 go on")
                subject = self.subject()
                say("mail", receiver, subject)
            elif word.upper() == "QUIT":
                self.answer("221 bye")
                return
            self.answer("250 fine")

    def subject(self):
        subject = ""
        for line in self.rfile:
            if line == b".\r\n":
                return subject
            if line.startswith(b"Subject: "):
                subject = line[9:].decode().strip()
        return subject

    def answer(self, text):
        self.wfile.write(f"{text}\r\n".encode())


def opens(link):
    page, _, anchor = link.partition("#")
    try:
        with urllib.request.urlopen(page) as answer:
            return section(answer.read().decode(), "### " + anchor) is not None
    except (ValueError, urllib.error.URLError):
        return False


def section(text, heading):
    """What is below a heading, up to the next one of its rank or above."""
    rank = heading.index(" ")
    found = re.search(rf"(?msi)^{re.escape(heading)}\n(.*?)(?=^#{{1,{rank}}} |\Z)", text)
    return found and found[1]


def diagnosis(alert):
    of_alert = section(pathlib.Path("docs/alerts.md").read_text(), "### " + alert)
    scenario = re.search(r"\(playbook\.md#([\w-]+)\)", of_alert)[1].replace("-", " ")
    of_scenario = section(pathlib.Path("docs/playbook.md").read_text(), "## " + scenario)
    fences = re.findall(r"(?ms)^```sh\n(.*?)^```", section(of_scenario, "### Diagnosis"))
    print("".join(fences), end="")


def say(*words):
    print(*words, flush=True)


def listen(http_port, mail_port):
    mail = socketserver.ThreadingTCPServer(("127.0.0.1", int(mail_port)), Mail)
    threading.Thread(target=mail.serve_forever, daemon=True).start()
    webhook = functools.partial(Webhook, directory="docs")
    ThreadingHTTPServer(("127.0.0.1", int(http_port)), webhook).serve_forever()


def dashboards(url, directory):
    """An expression that is not understood, or finds nothing in a running system, is a fault of its dashboard."""
    faults = asked = 0
    for file in sorted(pathlib.Path(directory).glob("*.json")):
        for expression in expressions(json.loads(file.read_text())):
            asked += 1
            # What is shown only where it is not zero may be zero everywhere.
            plain = re.sub(r" > 0$", "", expression).replace("$__rate_interval", "1m")
            plain = re.sub(r"(service_ready) == 0", r"\1", plain)
            query = urllib.parse.urlencode({"query": plain})
            try:
                with urllib.request.urlopen(f"{url}/api/v1/query?{query}") as answer:
                    found = json.load(answer)["data"]["result"]
            except urllib.error.HTTPError as error:
                found, plain = [], f"{plain}: {json.load(error)['error']}"
            if not found:
                faults += 1
                print(f"{file.name}: nothing for {plain}")
    print(f"{asked} expressions of the dashboards were asked, {faults} found nothing")
    return faults


def expressions(value):
    if isinstance(value, dict):
        yield from (text for key, text in value.items() if key == "expr")
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    for child in children:
        yield from expressions(child)


def ports(number):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(number))]
    print(*(one.getsockname()[1] for one in held))


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    commands = {"listen": listen, "diagnosis": diagnosis, "dashboards": dashboards, "ports": ports}
    sys.exit(commands[command](*arguments))
