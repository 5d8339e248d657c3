mail-title = E-Mail
mail-line = Zu jeder neuen Nachricht in einer Mailbox mit E-Mail-Adresse geht genau eine E-Mail hinaus.
mail-server = Mailserver
mail-host = Server
mail-host-help = Name oder Adresse des Mailservers (SMTP). Leer: Es werden keine E-Mails verschickt.
mail-port = Port
mail-port-help = 587 bei STARTTLS, 465 bei TLS, 25 im eigenen Netz.
mail-encryption = Verschlüsselung
mail-encryption-help = Das Zertifikat des Servers wird immer geprüft.
mail-encryption-starttls = STARTTLS
mail-encryption-tls = TLS
mail-encryption-none = keine
mail-user = Benutzername
mail-user-help = Leer, wenn der Server keine Anmeldung will.
mail-password = Passwort
mail-password-keep = Leer lassen, um das gespeicherte zu behalten.
mail-sender = Absenderadresse
mail-sender-help = Viele Server nehmen nur die Adresse des Kontos an.
mail-sender-name = Absendername
mail-sender-name-help = Steht neben der Adresse, zum Beispiel der Name der Firma.
mail-test = Test
mail-test-line = Verschickt eine E-Mail mit den gespeicherten Einstellungen.
mail-test-recipient = Empfänger
mail-test-button = Test-E-Mail senden
mail-test-done = Der Mailserver hat die Test-E-Mail an { $recipient } angenommen: { $answer }
mail-test-subject = Test-E-Mail von GonoPBX
mail-test-body = Diese E-Mail zeigt, dass GonoPBX mit den gespeicherten Einstellungen E-Mails verschicken kann.
mail-queue = Warteschlange
mail-waiting = { $count ->
    [0] Keine E-Mail wartet.
    [one] { $n } E-Mail wartet.
   *[other] { $n } E-Mails warten.
 }
mail-next-attempt = Nächster Versuch: { $when }.
mail-failed = { $count ->
    [one] { $n } E-Mail wurde nicht verschickt:
   *[other] { $n } E-Mails wurden nicht verschickt:
 }
mail-failed-one = Mailbox { $mailbox }, { $recipient }, { $when }:
mail-again = Noch einmal versuchen
mail-again-done = { $count ->
    [one] { $n } E-Mail wartet wieder.
   *[other] { $n } E-Mails warten wieder.
 }
mail-problem-not-configured = Es ist kein Mailserver eingestellt.
mail-problem-unreachable = Der Mailserver ist nicht erreichbar: { $answer }
mail-problem-tls = Keine verschlüsselte Verbindung zum Mailserver: { $answer }
mail-problem-no-starttls = Der Mailserver bietet kein STARTTLS an.
mail-problem-login = Der Mailserver lehnt Benutzername oder Passwort ab: { $answer }
mail-problem-no-login = Der Mailserver bietet keine Anmeldung an. Benutzername und Passwort entfernen, oder anderer Port, andere Verschlüsselung.
mail-problem-sender = Der Mailserver lehnt den Absender ab: { $answer }
mail-problem-recipient = Der Mailserver lehnt den Empfänger ab: { $answer }
mail-problem-content = Der Mailserver lehnt die E-Mail ab: { $answer }
mail-problem-later = Der Mailserver will sie später: { $answer }
mail-problem-address = Das ist keine E-Mail-Adresse: { $answer }
mail-gives-up = Nach drei Tagen wird es nicht mehr versucht.
mail-voicemail-subject = Neue Nachricht von { $caller }
mail-voicemail-intro = In der Mailbox { $mailbox } ist eine neue Nachricht.
mail-voicemail-intro-owner = In der Mailbox von { $owner } ({ $mailbox }) ist eine neue Nachricht.
mail-voicemail-caller = Anrufer
mail-voicemail-unknown = unbekannt
mail-voicemail-at = Eingegangen
mail-voicemail-length = Länge
mail-voicemail-mailbox = Mailbox
mail-voicemail-attached = Die Nachricht hängt an.
mail-voicemail-listen = Anhören im Browser oder mit *98.
mail-voicemail-removed = In der Mailbox wird sie nicht aufbewahrt.
flash-mail-saved = Die Einstellungen für E-Mail sind gespeichert.
