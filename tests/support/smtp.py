"""A mail server for tests: takes mails into a folder, one JSON file each, and refuses what it is told to refuse."""

import email
import email.policy
import json
import os
import ssl
import sys
import warnings

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

# Nobody listens between two programs on one machine.
warnings.simplefilter("ignore")
OPTIONS = json.loads(sys.argv[1])


class Folder:
    taken = len(os.listdir(OPTIONS["folder"]))

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {part.get_content_type(): part for part in mail.walk()}
        sound = parts.get("audio/wav")
        told = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": {name.lower(): str(value) for name, value in mail.items()},
            "text": parts["text/plain"].get_content(),
            "html": parts["text/html"].get_content(),
            "file_name": sound and sound.get_filename(),
            "sound": sound and sound.get_content().hex(),
            "encrypted": at_once or session.ssl is not None,
        }
        Folder.taken += 1
        name = os.path.join(OPTIONS["folder"], f"{Folder.taken:04}.json")
        with open(name + ".new", "w", encoding="utf-8") as file:
            json.dump(told, file)
        os.rename(name + ".new", name)
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    known = OPTIONS["login"]
    said = [data.login.decode(), data.password.decode()]
    # Not handled: the server is to say no by itself.
    return AuthResult(success=known is not None and said == known, handled=False)


tls = None
if OPTIONS["certificate"]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*OPTIONS["certificate"])
at_once = OPTIONS["encryption"] == "tls"
controller = Controller(
    Folder(),
    hostname="127.0.0.1",
    port=OPTIONS["port"],
    ssl_context=tls if at_once else None,
    tls_context=tls if OPTIONS["encryption"] == "starttls" else None,
    authenticator=authenticate,
    auth_required=OPTIONS["login"] is not None,
    auth_require_tls=False,
)
controller.start()
print("ready", flush=True)
# Its end is the end of its input, however the test ends.
sys.stdin.read()
os._exit(0)
