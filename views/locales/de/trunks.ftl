trunks-line = Eine Leitung ist eine SIP-Verbindung zu einem Anbieter: Sie bringt Rufnummern und Anrufe von und nach draußen.
trunks-empty = Es gibt noch keine Leitung. Legen Sie den Brief Ihres Anbieters bereit; die nächste Seite fragt nach dem, was darin steht.
trunks-none = Es gibt keine Leitung: Angerufen werden kann nur im Haus.
all-trunks = Alle Leitungen
trunk-new = Neue Leitung
trunk-create = Leitung anlegen
trunk-tabs = Teile dieser Leitung
trunk-check = Prüfen
trunk-delete = Löschen
trunk-numbers = { $used } von { $total } Rufnummern belegt
trunk-calls-today = { $count ->
    [one] { $n } Anruf heute
   *[other] { $n } Anrufe heute
 }
tab-numbers = Rufnummern
tab-settings = Einstellungen

trunk-registered = Angemeldet
trunk-registered-in = Angemeldet, { $time }
trunk-registering = Meldet sich an
trunk-rejected = Abgewiesen
trunk-rejected-since = Abgewiesen seit { $when }
trunk-unanswered = Keine Antwort
trunk-unanswered-since = Keine Antwort seit { $when }
trunk-reachable = Feste IP, erreichbar
trunk-reachable-in = Feste IP, erreichbar { $time }
trunk-unreachable = Feste IP, keine Antwort
trunk-unreachable-since = Feste IP, keine Antwort seit { $when }
trunk-fixed-ip = Feste IP, noch nicht gefragt
refusal-credentials = Benutzername oder Passwort falsch
refusal-unsaid = abgelehnt, ohne dass der Grund zu sehen ist; meist ist der Benutzername oder das Passwort falsch
refusal-unknown-account = der Anbieter kennt dieses Konto nicht
refusal-no-address = den Namen des Servers gibt es nicht
refusal-no-name-server = der Nameserver antwortet nicht
refusal-no-answer = keine Antwort
refusal-no-tls = keine verschlüsselte Verbindung; spricht der Server an diesem Port TLS? ({ $why })
refusal-certificate = dem Zertifikat des Servers ist nicht zu trauen ({ $why })
refusal-fault = der Anbieter hat eine Störung ({ $status } { $words })
refusal-other = { $status } { $words }

trunk-experience-registered = Anrufe gehen ein und aus.
trunk-experience-registering = Der Anbieter ist gefragt; sobald er zusagt, gehen Anrufe ein und aus.
trunk-experience-rejected = Es kommt kein Anruf herein, und hinaus kann der Anbieter ablehnen. Vergleichen Sie die Einstellungen mit dem Brief des Anbieters.
trunk-experience-unanswered = Es kommt kein Anruf herein oder hinaus. Stimmt der Server, und lässt die Firewall SIP durch?
trunk-experience-reachable = Anrufe gehen ein und aus.
trunk-experience-unreachable = Es geht kein Anruf hinaus. Stimmt der Server, und lässt die Firewall SIP durch?
trunk-experience-unasked = Ob der Anbieter antwortet, ist noch nicht bekannt.
trunk-experience-disabled = Sie meldet sich nicht an, und kein Anruf kommt herein oder hinaus. Alles bleibt erhalten.
trunk-provider = Anbieter
trunk-line = Verbindung
trunk-use = Nutzung
trunk-last-answer = Letzte Antwort
trunk-expires = Angemeldet bis
trunk-next-attempt = Nächste Anfrage
trunk-reachable-label = Antwortet
calls-this-week = Anrufe diese Woche
calls-incoming = { $count ->
    [one] { $n } eingehend
   *[other] { $n } eingehend
 }
calls-outgoing = { $count ->
    [one] { $n } ausgehend
   *[other] { $n } ausgehend
 }

wizard = Schritte zu einer neuen Leitung
wizard-provider = Anbieter
wizard-values = Kundenbrief
wizard-check = Prüfung
wizard-provider-line = Welcher Anbieter ist es? Danach wird nur gefragt, was in seinem Kundenbrief steht.
wizard-values-title = Neue Leitung: { $provider }
wizard-values-line = Übernehmen Sie diese Werte aus dem Kundenbrief des Anbieters.
wizard-other = Anderer Anbieter
country-at = Österreich
country-ch = Schweiz
country-de = Deutschland
country-fr = Frankreich
country-it = Italien
country-nl = Niederlande
country-any = Jeder andere Anbieter

field-trunk-name = Name
field-trunk-name-help = So nennen Sie diese Leitung; Anrufer sehen den Namen nie.
field-auth-mode = Woran uns der Anbieter erkennt
field-auth-mode-help = Im Kundenbrief stehen Benutzername und Passwort, oder er nennt Ihre feste Adresse.
auth-mode-registration = Mit Passwort
auth-mode-ip = Feste IP-Adresse
field-sip-server = SIP-Server
transport-udp = UDP
transport-tcp = TCP
transport-tls = TLS (verschlüsselt)
field-secret-keep = Leer lassen, dann bleibt das gespeicherte.
field-number-block = Rufnummern
field-number-block-help = Wie im Vertrag: 042198961300-042198961399, 042198961300-99, eine einzelne Nummer oder mehrere davon mit Komma getrennt.
field-trunk-caller-id = Hauptnummer
field-trunk-caller-id-help = Wird gezeigt, wenn nichts anderes sagt, welche Nummer gezeigt wird.
field-from-user = Benutzer in From
field-from-user-help = Nur wenn der Anbieter es verlangt; sonst stimmt der übliche Wert.
field-trunk-codecs-help = Anbieter und Telefon nehmen den ersten, den beide kennen.
field-trunk-enabled-help = Wenn aus, meldet sie sich nicht an, und kein Anruf kommt herein oder hinaus.
codecs-provider = Übliche Reihenfolge bei diesem Anbieter:
trunk-expert-line = Codecs und was dieser Anbieter selten braucht

check-title = { $name }: Geht es?
check-line = Die Liste folgt dem, was geschieht; neu laden ist nicht nötig.
check-good = Erledigt:
check-bad = Fehlgeschlagen:
check-open = Offen:
check-name-waiting = Der Name { $server } wird nachgeschlagen.
check-name-found = Der Name { $server } führt zu { $addresses }.
check-name-address = { $server } ist eine Adresse und muss nicht nachgeschlagen werden.
check-name-unknown = Den Namen { $server } gibt es nicht. Ist er geschrieben wie im Brief?
check-name-unanswered = Der Nameserver antwortet nicht; wohin { $server } führt, ist nicht bekannt.
check-answer-waiting = Der Server wird gefragt.
check-answer-in = Der Server antwortet nach { $time }.
check-answer-untrusted = Der Server antwortet, aber seinem Zertifikat ist nicht zu trauen ({ $why }).
check-answer-no-tls = Mit dem Server kommt keine verschlüsselte Verbindung zustande ({ $why }). Spricht er an diesem Port TLS?
check-answer-silent = Der Server antwortet nicht. Ist es der richtige, und lässt die Firewall SIP durch?
check-registration-waiting = Warten, dass der Anbieter die Anmeldung annimmt.
check-registration-done = Der Anbieter hat die Anmeldung angenommen.
check-registration-until = Der Anbieter hat die Anmeldung angenommen; sie wird vor { $when } erneuert.
check-registration-refused = Der Anbieter hat die Anmeldung abgewiesen: { $reason }.
check-registration-refused-status = Der Anbieter hat die Anmeldung abgewiesen: { $status } { $reason }.
check-registration-disabled = Die Leitung ist gesperrt: Sie meldet sich nicht an.
check-numbers = Zu den Rufnummern
check-correct = Einstellungen berichtigen

trunk-delete-title = Leitung { $name } löschen?
trunk-delete-registration = Sie wird beim Anbieter abgemeldet, und ihre Einstellungen sind weg.
trunk-delete-numbers = { $count ->
    [one] { $n } zugewiesene Rufnummer hat kein Ziel mehr.
   *[other] { $n } zugewiesene Rufnummern haben kein Ziel mehr.
 }
trunk-delete-no-numbers = Keine Rufnummer ist zugewiesen.
trunk-delete-extensions = { $count ->
    [one] { $n } Nebenstelle kann nicht mehr nach draußen telefonieren:
   *[other] { $n } Nebenstellen können nicht mehr nach draußen telefonieren:
 }
