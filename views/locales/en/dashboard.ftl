card-system = System
card-phones = Phones
card-calls-now = Calls now
card-calls-today = Calls today
card-last-calls = Last calls
level-healthy = Healthy
level-warning = Warning
level-degraded = Degraded
level-critical = Critical
database = Database
connection-up = connected
connection-away = away
problem-asterisk-away = Asterisk is away: states and calls are unknown.
problem-asterisk-refuses = Asterisk refuses the account of GonoPBX: its states and calls are unknown.
problem-asterisk-outdated = Asterisk still runs with the files from before the upgrade and does not heed what is new, such as the list of allowed addresses: restart it.
problem-database-away = The database is away: nothing can be saved.
problem-database-failing = The database answers with errors; the server's log says with which.
problem-calls-waiting = { $count ->
    [one] { $n } finished call waits for the database.
   *[other] { $n } finished calls wait for the database.
 }
problem-spool-unreadable = Asterisk's own list of finished calls cannot be read: an outage could lose calls now.
problem-calls-unreadable = { $count ->
    [one] { $n } line in Asterisk's list of finished calls cannot be read; it is in unreadable.csv.
   *[other] { $n } lines in Asterisk's list of finished calls cannot be read; they are in unreadable.csv.
 }
problem-trunk-down = Trunk “{ $name }” does not work.
problem-some-trunk-down = A trunk does not work.
problem-no-phone-online = No phone is registered.
problem-phones-unreachable = { $count ->
    [one] The phone of { $n } extension does not answer any more.
   *[other] The phones of { $n } extensions do not answer any more.
 }
problem-not-listening = Changes made in the database are not noticed at the moment
problem-no-extensions = There is no extension yet.
problem-mail-server-missing = Mailboxes have mail addresses, but no mail server is set.
problem-mails-waiting = { $count ->
    [one] { $n } mail waits for the mail server.
   *[other] { $n } mails wait for the mail server.
 }
problem-mails-failed = { $count ->
    [one] { $n } mail could not be sent.
   *[other] { $n } mails could not be sent.
 }
phones-online = extensions with a phone
calls-talking = { $count ->
    [one] { $n } talking
   *[other] { $n } talking
 }
calls-answered = { $count ->
    [one] { $n } answered
   *[other] { $n } answered
 }
calls-missed = { $count ->
    [one] { $n } missed
   *[other] { $n } missed
 }
calls-count = { $count ->
    [one] { $n } call
   *[other] { $n } calls
 }
all-extensions = All extensions
all-calls = All calls
tiles-more = { $count ->
    [one] and { $n } more
   *[other] and { $n } more
 }
calls-to = to
dial-label = Call with your own phone
dial-placeholder = Number
dial = Call
call-number = Call { $number }
call-dialing = Dialling
call-end = Hang up
per-hour = Calls per hour
hour = { $hour }:00
calls-now-empty = Nobody is on the phone.
