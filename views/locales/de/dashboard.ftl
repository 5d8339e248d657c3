card-system = System
card-phones = Telefone
card-calls-now = Gespräche jetzt
card-calls-today = Anrufe heute
card-last-calls = Letzte Anrufe
level-healthy = Alles gut
level-warning = Warnung
level-degraded = Eingeschränkt
level-critical = Kritisch
database = Datenbank
connection-up = verbunden
connection-away = nicht erreichbar
problem-asterisk-away = Asterisk ist nicht erreichbar: Zustände und Gespräche sind unbekannt.
problem-asterisk-refuses = Asterisk weist das Konto von GonoPBX ab: Zustände und Gespräche sind unbekannt.
problem-asterisk-outdated = Asterisk läuft noch mit den Dateien von vor der Aktualisierung und beachtet Neues nicht, auch nicht die Liste erlaubter Adressen: Starten Sie es neu.
problem-database-away = Die Datenbank ist nicht erreichbar: Es kann nichts gespeichert werden.
problem-database-failing = Die Datenbank antwortet mit Fehlern; im Protokoll des Servers steht, mit welchen.
problem-calls-waiting = { $count ->
    [one] { $n } beendeter Anruf wartet auf die Datenbank.
   *[other] { $n } beendete Anrufe warten auf die Datenbank.
 }
problem-spool-unreadable = Asterisks eigene Liste beendeter Anrufe kann nicht gelesen werden: Ein Ausfall könnte jetzt Anrufe kosten.
problem-calls-unreadable = { $count ->
    [one] { $n } Zeile in Asterisks Liste beendeter Anrufe ist unlesbar; sie steht in unreadable.csv.
   *[other] { $n } Zeilen in Asterisks Liste beendeter Anrufe sind unlesbar; sie stehen in unreadable.csv.
 }
problem-trunk-down = Leitung „{ $name }“ funktioniert nicht.
problem-some-trunk-down = Eine Leitung funktioniert nicht.
problem-no-phone-online = Kein Telefon ist angemeldet.
problem-phones-unreachable = { $count ->
    [one] Das Telefon von { $n } Nebenstelle antwortet nicht mehr.
   *[other] Die Telefone von { $n } Nebenstellen antworten nicht mehr.
 }
problem-not-listening = Änderungen in der Datenbank werden im Moment nicht bemerkt
problem-no-extensions = Es gibt noch keine Nebenstelle.
problem-mail-server-missing = Mailboxen haben Mailadressen, aber es ist kein Mailserver eingestellt.
problem-mails-waiting = { $count ->
    [one] { $n } Mail wartet auf den Mailserver.
   *[other] { $n } Mails warten auf den Mailserver.
 }
problem-mails-failed = { $count ->
    [one] { $n } Mail konnte nicht gesendet werden.
   *[other] { $n } Mails konnten nicht gesendet werden.
 }
phones-online = Nebenstellen mit Telefon
calls-talking = { $count ->
    [one] { $n } im Gespräch
   *[other] { $n } im Gespräch
 }
calls-answered = { $count ->
    [one] { $n } angenommen
   *[other] { $n } angenommen
 }
calls-missed = { $count ->
    [one] { $n } verpasst
   *[other] { $n } verpasst
 }
calls-count = { $count ->
    [one] { $n } Anruf
   *[other] { $n } Anrufe
 }
all-extensions = Alle Nebenstellen
all-calls = Alle Anrufe
tiles-more = { $count ->
    [one] und { $n } weitere
   *[other] und { $n } weitere
 }
calls-to = an
dial-label = Anrufen mit dem eigenen Telefon
dial-placeholder = Nummer
dial = Anrufen
call-number = { $number } anrufen
call-dialing = Wählt
call-end = Auflegen
per-hour = Anrufe je Stunde
hour = { $hour } Uhr
calls-now-empty = Niemand telefoniert.
