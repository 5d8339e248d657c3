many-column = Select
many-all = { $count ->
    [one] the one that matches
   *[other] all { $n } matching
 }
many-enable = Enable
many-disable = Disable
many-codecs = Codecs …
many-pickup-group = Pickup group …
many-ring-time = Ring time …
many-delete = Delete …
many-title = { $count ->
    [one] One extension
   *[other] { $n } extensions
 }
many-save = { $count ->
    [one] Save for one extension
   *[other] Save for { $n } extensions
 }
many-delete-confirm = { $count ->
    [one] Delete one extension
   *[other] Delete { $n } extensions
 }
many-numbers = { $count ->
    [one] One external number leads nowhere then.
   *[other] { $n } external numbers lead nowhere then.
 }
many-forwards = { $count ->
    [one] One forward is deleted.
   *[other] { $n } forwards are deleted.
 }
many-forwards-to = { $count ->
    [one] { $n } forward of others leads nowhere then.
   *[other] { $n } forwards of others lead nowhere then.
 }
many-mailboxes = { $count ->
    [one] One mailbox is deleted.
   *[other] { $n } mailboxes are deleted.
 }
many-messages = { $count ->
    [one] One message is deleted.
   *[other] { $n } messages are deleted.
 }
many-history = Calls in progress go on, and the call history stays.
