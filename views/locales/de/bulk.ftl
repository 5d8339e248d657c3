many-column = Auswählen
many-all = { $count ->
    [one] die eine passende
   *[other] alle { $n } passenden
 }
many-enable = Einschalten
many-disable = Abschalten
many-codecs = Codecs …
many-pickup-group = Rufannahmegruppe …
many-ring-time = Klingeldauer …
many-delete = Löschen …
many-title = { $count ->
    [one] Eine Nebenstelle
   *[other] { $n } Nebenstellen
 }
many-save = { $count ->
    [one] Für eine Nebenstelle speichern
   *[other] Für { $n } Nebenstellen speichern
 }
many-delete-confirm = { $count ->
    [one] Eine Nebenstelle löschen
   *[other] { $n } Nebenstellen löschen
 }
many-numbers = { $count ->
    [one] Eine externe Rufnummer führt dann nirgendwohin.
   *[other] { $n } externe Rufnummern führen dann nirgendwohin.
 }
many-forwards = { $count ->
    [one] Eine Rufumleitung wird gelöscht.
   *[other] { $n } Rufumleitungen werden gelöscht.
 }
many-forwards-to = { $count ->
    [one] { $n } Rufumleitung anderer führt dann nirgendwohin.
   *[other] { $n } Rufumleitungen anderer führen dann nirgendwohin.
 }
many-mailboxes = { $count ->
    [one] Eine Mailbox wird gelöscht.
   *[other] { $n } Mailboxen werden gelöscht.
 }
many-messages = { $count ->
    [one] Eine Nachricht wird gelöscht.
   *[other] { $n } Nachrichten werden gelöscht.
 }
many-history = Laufende Gespräche gehen weiter, und die Anrufliste bleibt.
