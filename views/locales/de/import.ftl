import-short = Importieren
import-title = Nebenstellen importieren
import-line = Aus einer Tabelle Ihrer bisherigen Anlage oder einer Tabellenkalkulation. Zuerst sehen Sie, was darin steht; gespeichert wird erst, wenn Sie es sagen.
import-template = Vorlage
import-template-file = nebenstellen-vorlage.csv
import-example-name = Ada Lovelace
import-file = Datei
import-file-help = CSV mit Komma, Semikolon oder Tabulator; höchstens { $rows } Zeilen und { $size } kB.
import-text = Tabelle als Text
import-text-help = Statt einer Datei: die Zeilen hier einfügen, die Überschriften zuerst.
import-mend = Berichtigen Sie die Zeilen hier und prüfen Sie noch einmal.
import-look = Prüfen
import-look-again = Noch einmal prüfen
import-other = Andere Datei
import-columns = Spalten
import-columns-line = Nötig ist nur die Nummer; die Reihenfolge ist gleich. Eine fehlende oder leere Spalte bedeutet den üblichen Wert.
import-row = Zeile
import-reasons = Was nicht stimmt
import-windows = Die Datei ist nicht in UTF-8 und wurde als Windows-1252 gelesen. Bitte sehen Sie nach, ob die Umlaute stimmen.
import-unknown = Diese Spalten sind nicht bekannt und werden ausgelassen:
import-rows = { $count ->
    [one] Eine Zeile
   *[other] { $n } Zeilen
 }
import-all-good = { $count ->
    [one] Die Zeile stimmt. Noch ist nichts gespeichert.
   *[other] Alle { $n } Zeilen stimmen. Noch ist nichts gespeichert.
 }
import-refused = { $count ->
    [one] Eine Zeile stimmt nicht; es wurde nichts importiert.
   *[other] { $n } Zeilen stimmen nicht; es wurde nichts importiert.
 }
import-weak = { $count ->
    [one] Das Passwort einer Nebenstelle ist leicht zu erraten. Es wird übernommen; geben Sie ihr besser bald ein neues:
   *[other] Die Passwörter von { $n } Nebenstellen sind leicht zu erraten. Sie werden übernommen; geben Sie ihnen besser bald neue:
 }
import-confirm = { $count ->
    [one] Die Nebenstelle importieren
   *[other] { $n } Nebenstellen importieren
 }
import-done = { $count ->
    [one] Eine Nebenstelle importiert
   *[other] { $n } Nebenstellen importiert
 }
import-once = Diese Passwörter und PINs werden nur dieses eine Mal gezeigt. Bewahren Sie die Liste auf, bis die Telefone eingerichtet sind.
import-list = Passwörter herunterladen
import-list-file = passwoerter.csv
import-to-list = Zu den Nebenstellen
flash-imported = { $count ->
    [one] Eine Nebenstelle importiert.
   *[other] { $n } Nebenstellen importiert.
 }
flash-many-saved = { $count ->
    [one] Eine Nebenstelle geändert.
   *[other] { $n } Nebenstellen geändert.
 }
flash-many-deleted = { $count ->
    [one] Eine Nebenstelle gelöscht.
   *[other] { $n } Nebenstellen gelöscht.
 }
export-link = { $count ->
    [one] Als CSV herunterladen
   *[other] Diese { $n } als CSV herunterladen
 }
export-file = nebenstellen.csv
csv-separator = ;
csv-yes = ja
csv-no = nein
csv-row = Zeile
csv-extension = Nummer
csv-caller_id = Name
csv-secret = Passwort
csv-enabled = Aktiv
csv-context = Kontext
csv-codecs = Codecs
csv-ring_time = Klingeldauer
csv-max_contacts = Telefone
csv-blf_enabled = Lampe
csv-pickup_group = Rufannahmegruppe
csv-mailbox = Mailbox
csv-pin = PIN
csv-email = E-Mail
csv-extension-help = Zwei bis sechs Ziffern, noch nicht vergeben.
csv-caller_id-help = Was das angerufene Telefon zeigt.
csv-secret-help = Leer: Es wird eines erzeugt und nach dem Import einmal gezeigt.
csv-enabled-help = ja oder nein; leer bedeutet ja.
csv-context-help = internal oder custom.
csv-codecs-help = In ihrer Reihenfolge, etwa alaw,g722; leer bedeutet die Reihenfolge der Anlage.
csv-ring_time-help = Sekunden, bis die Mailbox antwortet.
csv-max_contacts-help = Wie viele Telefone zugleich angemeldet sein dürfen.
csv-blf_enabled-help = ja oder nein: ob andere Telefone ihren Zustand sehen dürfen.
csv-pickup_group-help = Ein Wort; wer dasselbe hat, holt mit *8 heran.
csv-mailbox-help = ja oder nein. Eine PIN oder E-Mail-Adresse bedeutet ja.
csv-pin-help = Vier bis zehn Ziffern. Leer: Es wird eine erzeugt und einmal gezeigt.
csv-email-help = Wohin neue Nachrichten geschickt werden.
