numbers-line = Jede Rufnummer, die man draußen wählen kann, und wohin sie führt.
numbers-search = Rufnummer, Nebenstelle oder Beschreibung suchen
numbers-all-trunks = Alle Leitungen
numbers-count = { $count ->
    [one] { $n } Rufnummer
   *[other] { $n } Rufnummern
 }
numbers-empty = Noch hat keine Rufnummer ein Ziel. Weisen Sie die erste einer Nebenstelle zu.
numbers-none-match = Keine Rufnummer passt dazu.
numbers-need-trunk = Rufnummern kommen mit einer Leitung: Verbinden Sie zuerst einen Anbieter.
column-trunk = Leitung
column-destination = Führt zu
column-description = Beschreibung
column-last-called = Zuletzt angerufen
number-never-called = noch nie angerufen
column-actions = Aktionen
did-incoming = Anrufe an diese Nummer klingeln hier
did-outgoing = Wird Angerufenen gezeigt

number-new = Rufnummer zuweisen
number-new-line = Sagen Sie, an welche Nebenstelle Anrufe an eine Rufnummer gehen.
number-title = Rufnummer { $number }
number-assign = Zuweisen
number-edit = Bearbeiten
number-on-trunk = auf
number-delete = { $number } löschen
number-delete-title = Rufnummer wegnehmen
number-delete-warning = Anrufer hören dann, dass es die Nummer nicht gibt; der Anbieter liefert sie weiter, und sie kann wieder zugewiesen werden.
field-destination-help = Nummer einer Nebenstelle; tippen Sie einen Teil von Nummer oder Name, um sie zu finden.
field-did-help = Wie Sie sie schreiben: 0421 98961300 oder +49 421 98961300.
field-trunk-help = Die Leitung, deren Anbieter diese Nummer liefert.
field-description-help = Für Sie, zum Beispiel „Messe“ oder „Hotline“.
field-number-enabled-help = Wenn aus, hören Anrufer, dass es die Nummer nicht gibt.

unknown-title = Angerufen, aber ohne Ziel
unknown-line = Der Anbieter hat Anrufe an diese Nummern geliefert; die Anrufer haben gehört, dass es sie nicht gibt.
unknown-called-today = { $count ->
    [one] heute einmal angerufen, um { $when }
   *[other] heute { $n } Mal angerufen, zuletzt { $when }
 }
unknown-called-before = zuletzt angerufen { $when }
unknown-destination = Wohin { $number } führen soll
unknown-forget = Verwerfen

trunk-numbers-empty = Diese Leitung hat keine Rufnummern. Tragen Sie die des Vertrags in ihren Einstellungen ein.
numbers-free = Freie Rufnummern
numbers-free-count = { $count ->
    [one] { $n } Rufnummer Ihrer Verträge hat noch kein Ziel.
   *[other] { $n } Rufnummern Ihrer Verträge haben noch kein Ziel.
 }
numbers-none-free = Alle hier gezeigten Rufnummern sind zugewiesen.
numbers-choose = Wählen Sie eine Nummer und sagen Sie, wohin sie führt.

numbers-without = Diese Nebenstelle hat keine eigene Rufnummer: Von draußen kann sie niemand anrufen, und wer von ihr nach draußen telefoniert, hört eine Ansage. Notrufe gehen immer.
numbers-assigned = Ihre Rufnummern
number-remove = Entfernen
numbers-click = Eine freie Nummer wählen weist sie zu.
numbers-choose-trunk = Wählen Sie die Leitung, deren Rufnummer sie bekommen soll.
field-other-did = Andere Nummer dieser Leitung
field-other-did-help = Wenn der Anbieter sie liefert, obwohl kein Block sie nennt.
outbound-title = Wird Angerufenen gezeigt
outbound-first = Die zuerst zugewiesene
field-pai = Gegenüber dem Anbieter versichert (P-Asserted-Identity)
field-pai-help = Weist dem Anbieter nach, welcher Vertrag anruft; nur wenn er es verlangt.
pai-none = Keine
