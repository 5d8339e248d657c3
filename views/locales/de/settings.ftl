settings-line = Was für das ganze System gilt.
settings-country-code = Landesvorwahl
settings-country-code-help = Ohne +, zum Beispiel 49: Nummern ohne Landesvorwahl sind in diesem Land.
settings-area-code = Ortsvorwahl
settings-area-code-help = Ohne die 0, zum Beispiel 421: Nummern ohne Ortsvorwahl sind hier. Darf leer sein.
settings-emergency-numbers = Notrufnummern
settings-emergency-numbers-help = Mit Komma getrennt. Sie gehen immer hinaus, von jeder Nebenstelle, und keine Nebenstelle kann eine davon haben.
settings-network = Netzwerk
settings-network-line = Was Asterisk bei seinem Start liest: Gespeichertes gilt nach seinem nächsten Neustart. Ein leeres Feld überlässt es der Umgebung des Systems.
settings-not-set = nicht gesetzt
settings-external-address = Äußere Adresse
settings-external-address-help = Adresse oder Rechnername, unter dem das Internet diesen Server sieht; hinter NAT nötig, sonst hören Anrufer nichts. Ein Name wird beim Start von Asterisk nachgeschlagen.
settings-local-nets = Eigene Netze
settings-local-nets-help = Mit Komma getrennt, wie 192.168.0.0/16: Telefone und Anbieter darin erreichen den Server ohne die äußere Adresse. Das Netz dieses Servers gehört dazu.
settings-rtp-ports = Ports für Audio (RTP)
settings-rtp-ports-help = Erster und letzter, UDP, zwei für jede Seite eines Gesprächs. Die Firewall muss den Anbieter hier hereinlassen.
settings-sip-port = SIP-Port
settings-sip-port-help = Hier erreichen Telefone und Anbieter den Server, über UDP und TCP.
settings-tls-port = SIP über TLS
settings-tls-off = aus: kein Zertifikat
settings-tls-help = Zertifikat und Schlüssel sind Dateien auf dem Rechner von Asterisk; sie werden bei jedem Start gelesen, ein erneuertes also nach einem Neustart.
restart-title = Neustart von Asterisk
restart-started-with = Damit ist Asterisk gestartet:
restart-line = Ein Neustart dauert wenige Sekunden und beendet die laufenden Gespräche; Telefone und Leitungen melden sich innerhalb etwa einer Minute von selbst wieder an.
restart-calls = { $count ->
    [0] Gerade telefoniert niemand.
    [one] Gerade läuft { $n } Gespräch.
   *[other] Gerade laufen { $n } Gespräche.
 }
restart-waits = Gespeicherte Werte warten auf einen Neustart.
restart-outdated = Asterisk läuft noch mit den Dateien von vor der Aktualisierung; was seitdem neu ist, gilt ab dem Neustart.
restart-nothing-waits = Asterisk benutzt, was gespeichert ist.
restart-next = Nach dem Neustart:
restart-when-idle = Neu starten, wenn niemand telefoniert
restart-when-idle-waits = Asterisk startet neu, sobald niemand mehr telefoniert.
restart-cancel = Nicht neu starten
restart-now = { $count ->
    [0] Jetzt neu starten …
    [one] Jetzt neu starten (beendet { $n } Gespräch) …
   *[other] Jetzt neu starten (beendet { $n } Gespräche) …
 }
restart-now-warning = { $count ->
    [0] Niemand telefoniert. Für einige Sekunden kann niemand anrufen.
    [one] { $n } Gespräch endet sofort. Für einige Sekunden kann niemand anrufen.
   *[other] { $n } Gespräche enden sofort. Für einige Sekunden kann niemand anrufen.
 }
restart-now-sure = Ja, jetzt neu starten
restart-running = Asterisk startet neu.
restart-running-line = Das dauert wenige Sekunden. Diese Karte zeigt, wenn es wieder da ist.
restart-look-again = Noch einmal nachsehen
restart-done = Asterisk ist wieder da.
restart-took = Der Neustart dauerte { $time }.
restart-not-applied = Asterisk ist wieder da, aber mit anderen Werten als den gespeicherten.
restart-not-applied-why = Beim Start waren sie nicht zu lesen, zum Beispiel weil die Datenbank nicht antwortete oder das Zertifikat fehlte.
restart-refused = Asterisk startet nicht neu:
restart-lost = Asterisk ist nach dem Neustart nicht wiedergekommen.
restart-away = Was Asterisk benutzt, zeigt diese Karte, wenn es wieder da ist. Gespeichertes gilt dann.
restart-look-stack = Ohne Docker:
restart-look-docker = Mit Docker:
settings-history-days = Anrufe aus dem Verlauf löschen nach Tagen
settings-history-days-help = Leer: nie. Ältere Anrufe und ihre Statistik verschwinden nach und nach; Nachrichten in Mailboxen bleiben.
settings-barred-forwards = Keine Rufumleitung an Nummern, die beginnen mit
settings-barred-forwards-help = Mit Komma getrennt, wie sie gewählt werden: 0900, +979. Nummern, die viel mehr als ein Gespräch kosten, stehen von Anfang an hier; leer erlaubt jede Nummer. Vorhandene Umleitungen bleiben.
settings-phones = Woher Telefone kommen dürfen
settings-phones-line = Für Nebenstellen: Wer ein Passwort errät, kann es von anderswo nicht benutzen. Leitungen und diese Seite sind nicht betroffen.
settings-phones-enabled = Nur von diesen Adressen
settings-phones-enabled-help = Aus: von überall, mit dem richtigen Passwort.
settings-phones-ips = Adressen und Netze
settings-phones-ips-help = Eine je Zeile, wie 192.168.0.0/16 oder 2001:db8::7. Ein Telefon von anderswo kann sich weder anmelden noch anrufen; angerufen werden kann es noch, bis seine Anmeldung endet.
settings-phones-may-exclude = Diese Telefone ausschließen
settings-phones-may-exclude-help = Sie können nicht mehr anrufen und sich nicht wieder anmelden.
settings-refused = Abgewiesene Telefone
settings-refused-line = Wer sich anmelden oder anrufen wollte und abgewiesen wurde. Viele Namen von einer Adresse: da rät jemand; ein Name ist meist ein Telefon mit altem Passwort.
settings-refused-total = { $count ->
    [0] Niemand wurde abgewiesen
    [one] { $n } Versuch wurde abgewiesen
   *[other] { $n } Versuche wurden abgewiesen
 }
settings-refused-since = seit { $time }.
settings-refused-address = Adresse
settings-refused-count = Versuche
settings-refused-name = Letzter Name
settings-refused-reason = Grund
settings-refused-last = Zuletzt
settings-refused-wrong-password = falsches Passwort
settings-refused-unknown-name = keine solche Nebenstelle
settings-refused-by-address = Adresse nicht erlaubt
keys-title = API-Schlüssel
keys-line = Mit einem Schlüssel benutzt ein Programm die REST-API im Namen eines Benutzers, in den Grenzen, die Sie setzen.
keys-manage = Schlüssel
key-new = Neuer Schlüssel
key-name = Name
key-name-help = Wozu er dient: So heißt er im Änderungsverlauf.
key-owner = Handelt für
key-owner-help = Er darf nie mehr als dieser Benutzer und endet mit ihm.
key-scopes = Bereiche
key-expires = Gültig bis
key-expires-help = Der Tag zählt ganz. Bleibt das Feld leer, gilt der Schlüssel, bis Sie ihn widerrufen.
key-expired = Abgelaufen
key-never = Zum Widerruf
key-unused = Nie
key-create = Schlüssel erstellen
key-revoke = Widerrufen
key-once = Kopieren Sie den Schlüssel jetzt: Er wird nur dieses eine Mal gezeigt.
key-kept = Ich habe ihn kopiert
key-use = Programme senden ihn im Kopf
scope-read = Alles ansehen, was der Benutzer sehen darf
scope-write = Die Telefonanlage ändern und solche Änderungen zurücknehmen
scope-calls = Anrufe beginnen und beenden
scope-users = Benutzer anlegen, ändern und löschen, die keine Administratoren sind, und ihnen Passwörter geben
settings-general = Allgemein
settings-zone = Zeitzone
settings-zone-help = Durch GONOPBX_TIMEZONE beim Start des Servers festgelegt.
settings-audio = Audio
settings-codecs = Codecs
settings-codecs-help = Für jede Nebenstelle ohne eigene Reihenfolge, sofort wirksam. Verwendet wird, was beide Seiten eines Gesprächs können, das erste zuerst.
settings-about = Über
about-version = Version
about-licence = Lizenz
