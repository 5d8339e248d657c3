nav-changes = Änderungen
changes-line = Wer was geändert hat, das Neueste zuerst. Alles davon lässt sich zurücknehmen.
filter-actor = Wer
filter-kind = Was
filter-object = Name oder Nummer
kind-extension = Nebenstelle
kind-forward = Umleitungen von
kind-mailbox = Voicemail-Box
kind-number = Rufnummer
kind-trunk = Leitung
kind-user = Benutzer
kind-api-key = API-Schlüssel
kind-setting = Einstellung
kind-dialplan = Wählplanzeile
kind-endpoint = Endpunkt
kind-queue = Warteschlange
kind-music = Wartemusik
kind-other = Anderes
act-undo = Zurückgenommen
act-import = Importiert
act-reconcile = Nachgeführt
act-signed-out = Abgemeldet
changes-rows = { $count ->
    [one] { $n } Zeile
   *[other] { $n } Zeilen
}
changes-undoes = nimmt { $tx } zurück
changes-undone = zurückgenommen
changes-all-rows = Alle Zeilen dieser Änderung
changes-one = Änderung { $tx }
changes-too-many = Es gibt mehr, als hier gezeigt wird.
undo = Rückgängig
undo-title = Änderung zurücknehmen
undo-conflicts = { $count ->
    [one] Jemand hat { $n } Wert seitdem geändert.
   *[other] Jemand hat { $n } Werte seitdem geändert.
}
undo-rest = { $count ->
    [one] Alles Übrige, { $n } Objekt, lässt sich zurücknehmen.
   *[other] Alles Übrige, { $n } Objekte, lässt sich zurücknehmen.
}
undo-decide = Entscheiden Sie für jeden davon. Noch ist nichts geändert.
undo-now = Wie gewählt zurücknehmen
undo-keep-all = Alle neueren Werte behalten
undo-take-all = Alle alten Werte zurückholen
conflict-changed = Es hat inzwischen einen anderen Wert.
conflict-gone = Es ist inzwischen gelöscht: Der alte Wert hat keinen Platz mehr.
conflict-back = Es ist wieder da, mit einem anderen Wert.
conflict-taken = Jemand anderes hat inzwischen den alten Namen.
conflict-dependant = Es kam später dazu und würde mit gelöscht.
conflict-made = Die Änderung machte daraus:
conflict-keep = Behalten, was jetzt gilt
conflict-take = Zurückholen
flash-undone = Änderung { $tx } ist zurückgenommen.
