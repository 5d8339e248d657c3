nav-users = Benutzer
users-line = Wer sich anmelden darf, mit welcher Rolle und welcher Nebenstelle.
user-new = Neuer Benutzer
user-new-line = Ein Benutzer sieht nur die eigene Nebenstelle, ein Administrator alles.
user-create = Benutzer anlegen
user-you = (Sie)
user-must-change = Passwort zu ändern
user-name-help = Zum Anmelden: Buchstaben, Ziffern und . _ - @ +
user-role-help = Eine andere Rolle beendet die Sitzungen dieses Benutzers.
user-language-browser = Wie der Browser es wünscht
user-password-help = Bleibt es leer, wird eines erzeugt und einmal gezeigt.
user-password-line = Alle Sitzungen dieses Benutzers enden, wenn es gesetzt wird.
user-password-set = Passwort setzen
user-password-made = Neues Passwort für { $name }
user-password-once = Dieses Passwort wird nur jetzt gezeigt. Bei der ersten Anmeldung wird es durch ein eigenes ersetzt.
user-password-noted = Ich habe es notiert
user-must-change-label = Bei der nächsten Anmeldung zu ändern
user-must-change-help = Dann kennt nur diese Person das Passwort.
user-extension-help = Ihre Anrufe, Nachrichten und Umleitungen gehören diesem Benutzer. Leer: keine. Wer sie hatte, hat sie nicht mehr.
user-line = Wer es ist, was er darf und wo er angemeldet ist.
user-sessions = Wo dieser Benutzer angemeldet ist
user-sessions-none = Nirgends.
user-factor-line = Für jemanden, der die App und die Ersatzcodes verloren hat.
user-factor-off = Zweiten Faktor wegnehmen
user-delete = Benutzer löschen
user-delete-title = Benutzer { $name } löschen?
user-delete-sessions = { $count ->
    [0] Nirgends angemeldet.
    [one] Eine Sitzung endet sofort.
   *[other] { $n } Sitzungen enden sofort.
}
user-delete-extension = Diese Nebenstelle bleibt und gehört niemandem:
user-delete-self = Das ist Ihr eigenes Konto.
flash-user-created = Benutzer { $name } wurde angelegt.
flash-user-saved = Benutzer { $name } wurde gespeichert.
flash-user-password-set = { $name } hat ein neues Passwort.
flash-user-signed-out = { $name } wurde überall abgemeldet.
flash-user-factor-off = Der zweite Faktor von { $name } ist ausgeschaltet.
flash-user-deleted = Benutzer { $name } wurde gelöscht.
user-person = Person
