numbers-line = Every number that callers outside can dial, and where it leads.
numbers-search = Search number, extension or description
numbers-all-trunks = All trunks
numbers-count = { $count ->
    [one] { $n } number
   *[other] { $n } numbers
 }
numbers-empty = No number leads anywhere yet. Assign the first one to an extension.
numbers-none-match = No number matches.
numbers-need-trunk = Numbers come with a trunk: connect a provider first.
column-trunk = Trunk
column-destination = Leads to
column-description = Description
column-last-called = Last called
number-never-called = never called
column-actions = Actions
did-incoming = Calls to this number ring here
did-outgoing = Shown to those who are called

number-new = Assign number
number-new-line = Say to which extension calls to a number go.
number-title = Number { $number }
number-assign = Assign
number-edit = Edit
number-on-trunk = on
number-delete = Delete { $number }
number-delete-title = Take the number away
number-delete-warning = Callers then hear that the number does not exist; the provider still delivers it, and it can be assigned again.
field-destination-help = Number of an extension; type a part of its number or name to find it.
field-did-help = As you write it: 0421 98961300 or +49 421 98961300.
field-trunk-help = The trunk whose provider delivers this number.
field-description-help = For you, as in "fair" or "hotline".
field-number-enabled-help = When off, callers hear that the number does not exist.

unknown-title = Called, but leading nowhere
unknown-line = The provider delivered calls to these numbers; the callers heard that they do not exist.
unknown-called-today = { $count ->
    [one] called once today, at { $when }
   *[other] called { $n } times today, last { $when }
 }
unknown-called-before = last called { $when }
unknown-destination = Where { $number } shall lead
unknown-forget = Dismiss

trunk-numbers-empty = This trunk has no numbers. Enter those of the contract in its settings.
numbers-free = Free numbers
numbers-free-count = { $count ->
    [one] { $n } number of your contracts leads nowhere yet.
   *[other] { $n } numbers of your contracts lead nowhere yet.
 }
numbers-none-free = All numbers shown here are assigned.
numbers-choose = Choose a number, and say where it leads.

numbers-without = This extension has no number of its own: nobody can call it from outside, and who calls outside from it hears an announcement. Emergency calls always work.
numbers-assigned = Its numbers
number-remove = Remove
numbers-click = Choosing a free number assigns it.
numbers-choose-trunk = Choose the trunk whose number it shall get.
field-other-did = Another number of this trunk
field-other-did-help = If the provider delivers it though no block names it.
outbound-title = Shown to those who are called
outbound-first = The first assigned one
field-pai = Asserted to the provider (P-Asserted-Identity)
field-pai-help = Proves to the provider which contract calls; only if it asks for that.
pai-none = None
