extensions-line = Every extension is a number inside the company, with one or more phones.
extensions-search = Search number or name
extensions-empty = There is no extension yet. An extension needs a number and a name; then a phone can register.
extensions-none-match = No extension matches.
extensions-count = { $count ->
    [one] { $n } extension
   *[other] { $n } extensions
 }
filter-label = State
filter-all = All
filter-online = Online
filter-offline = Offline
filter-disabled = Disabled
column-state = State
column-number = Number
column-name = Name
column-forwards = Forwards
column-messages = Messages (new / all)
column-phones = Phones
column-context = Context
column-enabled = Enabled

extension-new = New extension
extension-new-line = A number and a name are enough; everything else has a good default.
extension-create = Create extension
extension-next = Another extension
extension-tabs = Parts of this extension
extension-enable = Enable
extension-disable = Disable
extension-rename = Change number
extension-delete = Delete
tab-overview = Overview
tab-edit = Phone and audio
tab-password = Password
tab-history = History

field-number = Number
field-number-help = Two to six digits, the first one not 0.
field-name = Name
field-name-help = Shown on the called phone.
field-password = Password of the phone
field-password-help = Leave it empty, and a safe one is made. Your own needs at least { $min } characters.
field-password-again = For safety, what you typed is not shown again: please type it once more.
field-enabled = Enabled
field-enabled-help = When off, its phones cannot register or call, and callers hear that the number does not exist.
field-ring-time = Ring time in seconds
ring-time = Ring time
field-ring-time-help = How long the phones ring before the caller hears that nobody is there; { $min } to { $max }.
field-max-phones = Phones at most
field-max-phones-help = All phones of the extension ring at the same time.
field-codecs = Codecs
field-codecs-help = The phone and the other side use the first one that both know.
field-lamp = Other phones may show its state
field-lamp-help = The busy lamp (BLF) of other phones. The choice is kept, but lamps are always on: Asterisk cannot refuse a single one.
field-pickup-group = Pickup group
field-pickup-group-help = Members of a group take each other's calls with *8. One word, such as office; several with commas. With *8 and the number, everybody takes the call of that extension.
field-context = Context
field-context-help = The part of the dialplan in which its calls begin.
codecs-system = The system's order:
codecs-own = An order of its own:
codec-off = off
codec-place = Place of { $name }
codec-up = Move { $name } up
codec-down = Move { $name } down
expert-title = More settings
expert-line = Ring time, phones, codecs, lamps, pickup, context

strength-label = Strength of the password
strength-none = Guessed at once
strength-low = Guessed quickly
strength-fair = Weak
strength-good = Good
strength-great = Very good
strength-use-anyway = Use it anyway

phones-title = Phones
phones-none = No phone is registered. A phone needs the server's address, the number and the password.
phones-connect = Set a new password
phone-reachable = Answers
phone-address = Address
phone-agent = Device
phone-round-trip = Round trip
phone-expires = Registered until
phone-answers = Yes
phone-silent = No
phone-unasked = Not asked yet
experience-rings = { $count ->
    [one] A call rings { $time } on one phone, then { $end }.
   *[other] A call rings { $time } on { $count } phones, then { $end }.
 }
experience-nobody = No phone is registered: { $end } at once.
experience-then-nobody = the caller hears that nobody is there
experience-then-forward = it goes to { $target }
experience-then-mailbox = the mailbox answers
experience-always = Every call goes to { $target }; the phones do not ring.
experience-busy = While it is busy, calls go to { $target }.
experience-disabled = The extension is disabled: the caller hears that the number does not exist.
experience-unknown = What a caller hears is not known while Asterisk is away.

new-password-warning = The phone must be set up anew with the new password; with the old one it cannot register any more from the moment you save.
new-password-submit = Set new password
rename-title = Change number { $number }
rename-number = New number
rename-warning = The phone must be set up anew: the number is its user name, and a new password is made, which you see on the next page. Everything else is taken along.
rename-submit = Change number
delete-title = Delete extension { $number }?
delete-phones = { $count ->
    [one] { $n } registered phone is logged off.
   *[other] { $n } registered phones are logged off.
 }
delete-calls = { $count ->
    [one] { $n } call in progress goes on to its end.
   *[other] { $n } calls in progress go on to their end.
 }
delete-messages = { $count ->
    [one] { $n } message in the mailbox is deleted, and the mailbox.
   *[other] { $n } messages in the mailbox are deleted, and the mailbox.
 }
delete-forwards = { $count ->
    [one] { $n } forward is deleted.
   *[other] { $n } forwards are deleted.
 }
delete-numbers = { $count ->
    [one] { $n } number leads to it; who calls it hears that it does not exist.
   *[other] { $n } numbers lead to it; who calls them hears that they do not exist.
 }
delete-forwarding = { $count ->
    [one] { $n } other extension forwards calls to it; they reach nobody then.
   *[other] { $n } other extensions forward calls to it; they reach nobody then.
 }
delete-history = { $count ->
    [one] { $n } call stays in the history.
   *[other] { $n } calls stay in the history.
 }

history-empty = Nothing was changed yet.
act-created = Created
act-edited = Changed
act-renamed = Number changed
act-password-set = New password
act-enabled = Enabled
act-disabled = Disabled
act-deleted = Deleted
act-sql = Changed in SQL
by-role = database role
value-empty = empty
diff-before = before
diff-after = after

credentials-title = Set up the phone of { $number }
credentials-once = The password is shown only now. Put it into the phone before you leave this page; if it is lost, set a new one.
credentials-server = Server
credentials-user = User name
credentials-qr = QR code with server, user name and password
credentials-qr-help = For softphones that can scan a code
credentials-done = Done
guide-title = How to connect
guide-yealink = Open the phone's address in a browser. Account › Register: Line Active on, Register Name and User Name { $user }, the password, SIP Server 1 { $server }. Confirm.
guide-snom = Open the phone's address in a browser. Setup › Identity 1 › Login: Identity active on, Account { $user }, the password, Registrar { $server }. Apply.
guide-linphone = Assistant › Third-party SIP account: user name { $user }, the password, domain { $server }, transport UDP. Log in.
guide-other = Any other SIP phone works the same way: server, user name, password, transport UDP.
phone-waiting = Waiting for the phone …
phone-registered = Registered from { $address }
phone-registered-agent = Registered from { $address } ({ $agent })

tab-forwards = Forwards
forward-always = Always
forward-always-line = Every call goes there at once, and the phones here do not ring. From the phone: *21*number# and #21#.
forward-busy = When busy
forward-busy-line = Calls go there while all its phones are busy. From the phone: *67*number# and #67#.
forward-unanswered = When nobody answers
forward-unanswered-line = Calls go there after the ring time, when they are declined, and when no phone is registered. From the phone: *61*number# and #61#.
forward-to = Forward to
forward-to-help = An extension, or a number outside as you dial it; empty: no forward.
forward-on = On
forward-ring-time-help = Seconds that the phones here ring before.
forwards-inside-only = This extension has no number of its own outside: calls can be forwarded inside the house only.
flash-forward-saved = The forwards of { $number } are saved.
