import-short = Import
import-title = Import extensions
import-line = From a table of your former system or of a spreadsheet. First you see what is in it; nothing is saved before you say so.
import-template = Template
import-template-file = extensions-template.csv
import-example-name = Ada Lovelace
import-file = File
import-file-help = CSV with comma, semicolon or tab; at most { $rows } rows and { $size } kB.
import-text = Table as text
import-text-help = Instead of a file: paste the rows here, headings first.
import-mend = Mend the rows here, and look again.
import-look = Check
import-look-again = Check again
import-other = Another file
import-columns = Columns
import-columns-line = Only the number is needed; the order does not matter. A column that is missing or empty means the usual value.
import-row = Row
import-reasons = What is wrong
import-windows = The file is not in UTF-8 and was read as Windows-1252. Please look whether umlauts are right.
import-unknown = These columns are not known and are left out:
import-rows = { $count ->
    [one] One row
   *[other] { $n } rows
 }
import-all-good = { $count ->
    [one] The row is right. Nothing is saved yet.
   *[other] All { $n } rows are right. Nothing is saved yet.
 }
import-refused = { $count ->
    [one] One row is not right; nothing was imported.
   *[other] { $n } rows are not right; nothing was imported.
 }
import-weak = { $count ->
    [one] The password of one extension is easy to guess. It is taken as it is; better give it a new one soon:
   *[other] The passwords of { $n } extensions are easy to guess. They are taken as they are; better give them new ones soon:
 }
import-confirm = { $count ->
    [one] Import the extension
   *[other] Import { $n } extensions
 }
import-done = { $count ->
    [one] One extension imported
   *[other] { $n } extensions imported
 }
import-once = These passwords and PINs are shown this once. Keep the list until the phones are set up.
import-list = Download the passwords
import-list-file = passwords.csv
import-to-list = To the extensions
flash-imported = { $count ->
    [one] One extension imported.
   *[other] { $n } extensions imported.
 }
flash-many-saved = { $count ->
    [one] One extension changed.
   *[other] { $n } extensions changed.
 }
flash-many-deleted = { $count ->
    [one] One extension deleted.
   *[other] { $n } extensions deleted.
 }
export-link = { $count ->
    [one] Download as CSV
   *[other] Download these { $n } as CSV
 }
export-file = extensions.csv
csv-separator = ,
csv-yes = yes
csv-no = no
csv-row = Row
csv-extension = Number
csv-caller_id = Name
csv-secret = Password
csv-enabled = Active
csv-context = Context
csv-codecs = Codecs
csv-ring_time = Ring time
csv-max_contacts = Phones
csv-blf_enabled = Lamp
csv-pickup_group = Pickup group
csv-mailbox = Mailbox
csv-pin = PIN
csv-email = E-mail
csv-extension-help = Two to six digits, not taken.
csv-caller_id-help = What the called phone shows.
csv-secret-help = Empty: one is generated and shown once after the import.
csv-enabled-help = yes or no; empty means yes.
csv-context-help = internal or custom.
csv-codecs-help = In their order, as in alaw,g722; empty means the system's order.
csv-ring_time-help = Seconds until the mailbox answers.
csv-max_contacts-help = How many phones may be registered at once.
csv-blf_enabled-help = yes or no: whether other phones may see its state.
csv-pickup_group-help = A word; whoever has the same picks up with *8.
csv-mailbox-help = yes or no. A PIN or an e-mail address means yes.
csv-pin-help = Four to ten digits. Empty: one is generated and shown once.
csv-email-help = Where new messages are sent.
