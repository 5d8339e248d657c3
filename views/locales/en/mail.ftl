mail-title = Mail
mail-line = About each new message in a mailbox that has a mail address, one mail is sent.
mail-server = Mail server
mail-host = Server
mail-host-help = Name or address of the mail server (SMTP). Empty: no mails are sent.
mail-port = Port
mail-port-help = 587 with STARTTLS, 465 with TLS, 25 inside an own network.
mail-encryption = Encryption
mail-encryption-help = The certificate of the server is always checked.
mail-encryption-starttls = STARTTLS
mail-encryption-tls = TLS
mail-encryption-none = none
mail-user = User name
mail-user-help = Empty when the server wants no login.
mail-password = Password
mail-password-keep = Leave it empty to keep the stored one.
mail-sender = Sender address
mail-sender-help = Many servers take only the address of the account.
mail-sender-name = Sender name
mail-sender-name-help = Shown beside the address, such as the name of the company.
mail-test = Test
mail-test-line = Sends a mail with the settings that are saved.
mail-test-recipient = Recipient
mail-test-button = Send a test mail
mail-test-done = The mail server took the test mail for { $recipient }: { $answer }
mail-test-subject = Test mail from GonoPBX
mail-test-body = This mail shows that GonoPBX can send mails with the settings that are saved.
mail-queue = Queue
mail-waiting = { $count ->
    [0] No mail waits.
    [one] { $n } mail waits.
   *[other] { $n } mails wait.
 }
mail-next-attempt = Next attempt: { $when }.
mail-failed = { $count ->
    [one] { $n } mail was not sent:
   *[other] { $n } mails were not sent:
 }
mail-failed-one = Mailbox { $mailbox }, { $recipient }, { $when }:
mail-again = Try again
mail-again-done = { $count ->
    [one] { $n } mail waits again.
   *[other] { $n } mails wait again.
 }
mail-problem-not-configured = No mail server is set.
mail-problem-unreachable = The mail server cannot be reached: { $answer }
mail-problem-tls = No encrypted connection to the mail server: { $answer }
mail-problem-no-starttls = The mail server does not offer STARTTLS.
mail-problem-login = The mail server refuses user name or password: { $answer }
mail-problem-no-login = The mail server offers no login. Remove user name and password, or use another port or encryption.
mail-problem-sender = The mail server refuses the sender: { $answer }
mail-problem-recipient = The mail server refuses the recipient: { $answer }
mail-problem-content = The mail server refuses the mail: { $answer }
mail-problem-later = The mail server wants it later: { $answer }
mail-problem-address = This is not a mail address: { $answer }
mail-gives-up = After three days it is not tried any more.
mail-voicemail-subject = New message from { $caller }
mail-voicemail-intro = There is a new message in mailbox { $mailbox }.
mail-voicemail-intro-owner = There is a new message in the mailbox of { $owner } ({ $mailbox }).
mail-voicemail-caller = Caller
mail-voicemail-unknown = unknown
mail-voicemail-at = Received
mail-voicemail-length = Length
mail-voicemail-mailbox = Mailbox
mail-voicemail-attached = The message is attached.
mail-voicemail-listen = Listen to it in the browser, or dial *98.
mail-voicemail-removed = It is not kept in the mailbox.
flash-mail-saved = The mail settings are saved.
