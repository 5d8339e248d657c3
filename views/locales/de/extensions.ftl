extensions-line = Jede Nebenstelle ist eine Nummer im Haus mit einem oder mehreren Telefonen.
extensions-search = Nummer oder Name suchen
extensions-empty = Es gibt noch keine Nebenstelle. Eine Nebenstelle braucht eine Nummer und einen Namen; dann kann sich ein Telefon anmelden.
extensions-none-match = Keine Nebenstelle passt dazu.
extensions-count = { $count ->
    [one] { $n } Nebenstelle
   *[other] { $n } Nebenstellen
 }
filter-label = Zustand
filter-all = Alle
filter-online = Online
filter-offline = Offline
filter-disabled = Gesperrt
column-state = Zustand
column-number = Nummer
column-name = Name
column-forwards = Umleitungen
column-messages = Nachrichten (neu / alle)
column-phones = Telefone
column-context = Kontext
column-enabled = Freigegeben

extension-new = Neue Nebenstelle
extension-new-line = Nummer und Name genügen; alles andere ist gut voreingestellt.
extension-create = Nebenstelle anlegen
extension-next = Noch eine Nebenstelle
extension-tabs = Teile dieser Nebenstelle
extension-enable = Freigeben
extension-disable = Sperren
extension-rename = Nummer ändern
extension-delete = Löschen
tab-overview = Überblick
tab-edit = Telefon und Audio
tab-password = Passwort
tab-history = Verlauf

field-number = Nummer
field-number-help = Zwei bis sechs Ziffern, die erste nicht 0.
field-name = Name
field-name-help = Erscheint auf dem angerufenen Telefon.
field-password = Passwort des Telefons
field-password-help = Leer lassen, dann wird ein sicheres erzeugt. Ein eigenes braucht mindestens { $min } Zeichen.
field-password-again = Was Sie eingegeben haben, wird aus Sicherheit nicht wieder angezeigt: Bitte geben Sie es noch einmal ein.
field-enabled = Freigegeben
field-enabled-help = Wenn aus, können sich ihre Telefone weder anmelden noch anrufen, und Anrufer hören, dass es die Nummer nicht gibt.
field-ring-time = Klingelzeit in Sekunden
ring-time = Klingelzeit
field-ring-time-help = So lange klingeln die Telefone, bevor der Anrufer hört, dass niemand da ist; { $min } bis { $max }.
field-max-phones = Telefone höchstens
field-max-phones-help = Alle Telefone der Nebenstelle klingeln gleichzeitig.
field-codecs = Codecs
field-codecs-help = Telefon und Gegenseite nehmen den ersten, den beide kennen.
field-lamp = Andere Telefone dürfen ihren Zustand zeigen
field-lamp-help = Die Besetztlampe (BLF) anderer Telefone. Die Wahl wird gespeichert, aber Lampen sind immer an: Asterisk kann keine einzelne ablehnen.
field-pickup-group = Übernahmegruppe
field-pickup-group-help = Wer in derselben Gruppe ist, nimmt mit *8 Anrufe der anderen an. Ein Wort, zum Beispiel buero; mehrere mit Komma. Mit *8 und der Nummer nimmt jeder den Anruf dieser Nebenstelle an.
field-context = Kontext
field-context-help = Der Teil des Wählplans, in dem ihre Anrufe beginnen.
codecs-system = Reihenfolge des Systems:
codecs-own = Eigene Reihenfolge:
codec-off = aus
codec-place = Platz von { $name }
codec-up = { $name } nach oben
codec-down = { $name } nach unten
expert-title = Weitere Einstellungen
expert-line = Klingelzeit, Telefone, Codecs, Lampen, Übernahme, Kontext

strength-label = Stärke des Passworts
strength-none = Sofort zu erraten
strength-low = Schnell zu erraten
strength-fair = Schwach
strength-good = Gut
strength-great = Sehr gut
strength-use-anyway = Trotzdem verwenden

phones-title = Telefone
phones-none = Kein Telefon ist angemeldet. Ein Telefon braucht die Adresse des Servers, die Nummer und das Passwort.
phones-connect = Neues Passwort setzen
phone-reachable = Antwortet
phone-address = Adresse
phone-agent = Gerät
phone-round-trip = Laufzeit
phone-expires = Angemeldet bis
phone-answers = Ja
phone-silent = Nein
phone-unasked = Noch nicht gefragt
experience-rings = { $count ->
    [one] Ein Anruf klingelt { $time } auf einem Telefon, dann { $end }.
   *[other] Ein Anruf klingelt { $time } auf { $count } Telefonen, dann { $end }.
 }
experience-nobody = Kein Telefon ist angemeldet: Sofort { $end }.
experience-then-nobody = hört der Anrufer, dass niemand da ist
experience-then-forward = geht er an { $target }
experience-then-mailbox = nimmt die Voicemail-Box an
experience-always = Jeder Anruf geht an { $target }; die Telefone klingeln nicht.
experience-busy = Solange besetzt ist, gehen Anrufe an { $target }.
experience-disabled = Die Nebenstelle ist gesperrt: Der Anrufer hört, dass es die Nummer nicht gibt.
experience-unknown = Was ein Anrufer hört, ist nicht bekannt, solange Asterisk nicht erreichbar ist.

new-password-warning = Das Telefon muss mit dem neuen Passwort neu eingerichtet werden; mit dem alten kann es sich ab dem Speichern nicht mehr anmelden.
new-password-submit = Neues Passwort setzen
rename-title = Nummer { $number } ändern
rename-number = Neue Nummer
rename-warning = Das Telefon muss neu eingerichtet werden: Die Nummer ist sein Benutzername, und es wird ein neues Passwort erzeugt, das Sie auf der nächsten Seite sehen. Alles andere wird mitgenommen.
rename-submit = Nummer ändern
delete-title = Nebenstelle { $number } löschen?
delete-phones = { $count ->
    [one] { $n } angemeldetes Telefon wird abgemeldet.
   *[other] { $n } angemeldete Telefone werden abgemeldet.
 }
delete-calls = { $count ->
    [one] { $n } laufendes Gespräch geht bis zu seinem Ende weiter.
   *[other] { $n } laufende Gespräche gehen bis zu ihrem Ende weiter.
 }
delete-messages = { $count ->
    [one] { $n } Nachricht in der Voicemail-Box wird gelöscht, und die Box.
   *[other] { $n } Nachrichten in der Voicemail-Box werden gelöscht, und die Box.
 }
delete-forwards = { $count ->
    [one] { $n } Rufumleitung wird gelöscht.
   *[other] { $n } Rufumleitungen werden gelöscht.
 }
delete-numbers = { $count ->
    [one] { $n } Rufnummer führt zu ihr; wer sie anruft, hört, dass es sie nicht gibt.
   *[other] { $n } Rufnummern führen zu ihr; wer sie anruft, hört, dass es sie nicht gibt.
 }
delete-forwarding = { $count ->
    [one] { $n } andere Nebenstelle leitet Anrufe zu ihr um; sie erreichen dann niemanden.
   *[other] { $n } andere Nebenstellen leiten Anrufe zu ihr um; sie erreichen dann niemanden.
 }
delete-history = { $count ->
    [one] { $n } Anruf bleibt in der Anrufliste.
   *[other] { $n } Anrufe bleiben in der Anrufliste.
 }

history-empty = Noch wurde nichts geändert.
act-created = Angelegt
act-edited = Geändert
act-renamed = Nummer geändert
act-password-set = Neues Passwort
act-enabled = Freigegeben
act-disabled = Gesperrt
act-deleted = Gelöscht
act-sql = In SQL geändert
by-role = Datenbankrolle
value-empty = leer
diff-before = vorher
diff-after = nachher

credentials-title = Telefon von { $number } einrichten
credentials-once = Das Passwort ist nur jetzt zu sehen. Tragen Sie es in das Telefon ein, bevor Sie diese Seite verlassen; wenn es verloren geht, setzen Sie ein neues.
credentials-server = Server
credentials-user = Benutzername
credentials-qr = QR-Code mit Server, Benutzername und Passwort
credentials-qr-help = Für Softphones, die einen Code lesen können
credentials-done = Fertig
guide-title = So wird es verbunden
guide-yealink = Öffnen Sie die Adresse des Telefons im Browser. Account › Registrieren: Account aktiv ein, Anmeldename und Benutzername { $user }, das Passwort, SIP-Server 1 { $server }. Bestätigen.
guide-snom = Öffnen Sie die Adresse des Telefons im Browser. Einrichtung › Identität 1 › Login: Identität aktiv ein, Account { $user }, das Passwort, Registrar { $server }. Übernehmen.
guide-linphone = Assistent › SIP-Konto eines anderen Anbieters: Benutzername { $user }, das Passwort, Domain { $server }, Transport UDP. Anmelden.
guide-other = Jedes andere SIP-Telefon geht genauso: Server, Benutzername, Passwort, Transport UDP.
phone-waiting = Warten auf das Telefon …
phone-registered = Angemeldet von { $address }
phone-registered-agent = Angemeldet von { $address } ({ $agent })

tab-forwards = Rufumleitungen
forward-always = Immer
forward-always-line = Jeder Anruf geht sofort dorthin, und die Telefone hier klingeln nicht. Am Telefon: *21*Nummer# und #21#.
forward-busy = Bei besetzt
forward-busy-line = Anrufe gehen dorthin, solange alle Telefone besetzt sind. Am Telefon: *67*Nummer# und #67#.
forward-unanswered = Wenn niemand abnimmt
forward-unanswered-line = Anrufe gehen dorthin nach der Klingeldauer, wenn sie abgewiesen werden, und wenn kein Telefon angemeldet ist. Am Telefon: *61*Nummer# und #61#.
forward-to = Umleiten zu
forward-to-help = Eine Nebenstelle oder eine Rufnummer, wie Sie sie wählen; leer: keine Umleitung.
forward-on = An
forward-ring-time-help = Sekunden, die die Telefone hier vorher klingeln.
forwards-inside-only = Diese Nebenstelle hat keine eigene Rufnummer: Umleitungen gehen nur im Haus.
flash-forward-saved = Die Rufumleitungen von { $number } sind gespeichert.
