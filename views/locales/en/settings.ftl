settings-line = What holds for the whole system.
settings-country-code = Country code
settings-country-code-help = Without +, as in 49: numbers without a country code are in this country.
settings-area-code = Area code
settings-area-code-help = Without the 0, as in 421: numbers without an area code are here. May be empty.
settings-emergency-numbers = Emergency numbers
settings-emergency-numbers-help = Separated by commas. They always go out, from every extension, and no extension can have one of them.
settings-network = Network
settings-network-line = What Asterisk reads when it starts: what you save holds after its next restart. An empty field leaves it to the environment of the system.
settings-not-set = not set
settings-external-address = External address
settings-external-address-help = Address or host name under which the internet sees this server; needed behind NAT, or callers hear nothing. A name is looked up when Asterisk starts.
settings-local-nets = Local networks
settings-local-nets-help = Separated by commas, as in 192.168.0.0/16: phones and providers in them reach the server without the external address. The network of this server is one of them.
settings-rtp-ports = Ports for audio (RTP)
settings-rtp-ports-help = First and last, UDP, two for each leg of a call. The firewall must let the provider in here.
settings-sip-port = SIP port
settings-sip-port-help = Phones and providers reach the server here, over UDP and TCP.
settings-tls-port = SIP over TLS
settings-tls-off = off: no certificate
settings-tls-help = Certificate and key are files on the machine of Asterisk; they are read at each start, so a renewed one is used after a restart.
restart-title = Restart of Asterisk
restart-started-with = Asterisk was started with these:
restart-line = A restart takes a few seconds and ends the calls in progress; phones and trunks register again by themselves within about a minute.
restart-calls = { $count ->
    [0] Nobody is on the phone now.
    [one] { $n } call is in progress now.
   *[other] { $n } calls are in progress now.
 }
restart-waits = Saved values wait for a restart.
restart-outdated = Asterisk still runs with the files from before the upgrade; what is new since then counts from its restart on.
restart-nothing-waits = Asterisk uses what is saved.
restart-next = After the restart:
restart-when-idle = Restart when nobody is on the phone
restart-when-idle-waits = Asterisk restarts as soon as nobody is on the phone.
restart-cancel = Do not restart
restart-now = { $count ->
    [0] Restart now …
    [one] Restart now (ends { $n } call) …
   *[other] Restart now (ends { $n } calls) …
 }
restart-now-warning = { $count ->
    [0] Nobody is on the phone. For some seconds nobody can call.
    [one] { $n } call ends at once. For some seconds nobody can call.
   *[other] { $n } calls end at once. For some seconds nobody can call.
 }
restart-now-sure = Yes, restart now
restart-running = Asterisk is restarting.
restart-running-line = This takes a few seconds. This card shows when it is back.
restart-look-again = Look again
restart-done = Asterisk is back.
restart-took = The restart took { $time }.
restart-not-applied = Asterisk is back, but with other values than those that are saved.
restart-not-applied-why = They could not be read when it started, for example because the database did not answer or the certificate was missing.
restart-refused = Asterisk does not restart:
restart-lost = Asterisk has not come back after the restart.
restart-away = This card shows what Asterisk uses when it is back. What is saved holds then.
restart-look-stack = Without Docker:
restart-look-docker = With Docker:
settings-history-days = Delete calls from the history after days
settings-history-days-help = Empty: never. Older calls and their statistics go, step by step; messages in mailboxes stay.
settings-barred-forwards = No forwards to numbers that begin with
settings-barred-forwards-help = Separated by commas, as they are dialled: 0900, +979. Numbers that cost much more than a call are here from the start; empty allows every number. Forwards that are there already stay.
settings-phones = Where phones may come from
settings-phones-line = For extensions: who guesses a password cannot use it from elsewhere. Trunks and this page are not concerned.
settings-phones-enabled = Only from these addresses
settings-phones-enabled-help = Off: from everywhere, with the right password.
settings-phones-ips = Addresses and networks
settings-phones-ips-help = One in a line, as 192.168.0.0/16 or 2001:db8::7. A phone from elsewhere can neither register nor call; it can still be called until its registration ends.
settings-phones-may-exclude = Shut these phones out
settings-phones-may-exclude-help = They cannot call any more and cannot register again.
settings-refused = Refused phones
settings-refused-line = Who tried to register or call and was refused. Many names from one address are somebody guessing; one name is mostly a phone with an old password.
settings-refused-total = { $count ->
    [0] Nobody was refused
    [one] { $n } attempt was refused
   *[other] { $n } attempts were refused
 }
settings-refused-since = since { $time }.
settings-refused-address = Address
settings-refused-count = Attempts
settings-refused-name = Last name
settings-refused-reason = Reason
settings-refused-last = Last seen
settings-refused-wrong-password = wrong password
settings-refused-unknown-name = no such extension
settings-refused-by-address = address not allowed
keys-title = API keys
keys-line = With a key a program uses the REST API in the name of a user, within the limits you set.
keys-manage = Keys
key-new = New key
key-name = Name
key-name-help = What it is for: the history of changes calls it by this name.
key-owner = Acts for
key-owner-help = It may never do more than this user, and ends with this user.
key-scopes = Scopes
key-expires = Valid until
key-expires-help = The day counts as a whole. Left empty, it is valid until you revoke it.
key-expired = Expired
key-never = It is revoked
key-unused = Never
key-create = Create key
key-revoke = Revoke
key-once = Copy the key now: it is shown only this once.
key-kept = I have copied it
key-use = Programs send it in the header
scope-read = Look at everything its user may see
scope-write = Change the telephone system, and take such changes back
scope-calls = Place and end calls
scope-users = Make, change and delete people who are no administrators, and give them passwords
settings-general = General
settings-zone = Time zone
settings-zone-help = Set by GONOPBX_TIMEZONE when the server starts.
settings-audio = Audio
settings-codecs = Codecs
settings-codecs-help = For every extension without an order of its own, live at once. What both sides of a call can do is used, the first of them first.
settings-about = About
about-version = Version
about-licence = Licence
