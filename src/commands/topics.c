#include "config.h"
#include "commands/topics.h"

#include <stddef.h>

const struct help_topic help_topics[] = {
	{ "words", "how a command line is read",
		"words - how a command line is read\n\n"
		"Blanks separate words. '...' is literal; in \"...\" \\\" and \\\\ are escapes; elsewhere\n"
		"a backslash is itself (CONTOSO\\fin-01). # at the start of a word begins a\n"
		"comment. $NAME is replaced, as one word, by what 'let NAME VALUE' set; a name that\n"
		"is not set is an error. In KQL it becomes a string literal.\n\n"
		"  list > FILE        the result into a file (.csv and .json in that format)\n"
		"  list >> FILE       appended to it\n"
		"  list | PROGRAM     into a program\n"
		"  query KQL |> PROG  the same for commands that take KQL, where | is KQL's own\n"
		"  scan quick &       the act runs in the background\n" },
	{ "sources", "where devices come from",
		"sources - where add, remove, keep and select take devices from\n\n"
		"  NAME...            names, device ids, Entra ids, local addresses, portal links,\n"
		"                     patterns with * and ?\n"
		"  --csv FILE         a table file; --column NAME if its title is unusual\n"
		"  --query KQL        rows of a hunting query with DeviceId or DeviceName\n"
		"  --results          the devices of the last query's rows\n"
		"  --where PREDICATE  devices for which a KQL predicate is true\n"
		"  --tag, --group, --ip, --set NAME, --all\n\n"
		"add is the union, remove the difference, keep the intersection, select replaces.\n"
		"query KQL is select --query KQL, filter PREDICATE is keep --where PREDICATE.\n"
		"What is ambiguous or cannot be resolved is left out and told; 'unresolved' lists it.\n" },
	{ "acting", "plan, confirm, run, account",
		"acting - tag, scan, isolate, release\n\n"
		"An act works on the whole working set; an empty set never means all. Its plan is\n"
		"printed first (--dry-run stops there). Then it asks: yes, or above 'confirm-above'\n"
		"devices their number. Every device ends with one outcome:\n\n"
		"  accepted  the tenant took the action; its own final state comes later: 'wait'\n"
		"  already   it is in that state, or the same action is open\n"
		"  skipped   not sent: not onboarded, not supported, protected\n"
		"  refused   the tenant refused it\n"
		"  unsent    not sent: interrupted, no connection; 'resume' goes on\n"
		"  unknown   sent, the answer was lost, and the tenant's list does not yet say\n\n"
		"In batch mode -y answers the questions; a disruptive action then needs --expect.\n" },
	{ "policy", "what may be acted on",
		"policy - what may be acted on\n\n"
		"[policy] in the configuration file holds for every session, [policy PROFILE] for\n"
		"one; of two the stricter wins. Nothing on the command line loosens it.\n\n"
		"  protected = KQL         disruptive acts skip devices for which this is true, null\n"
		"                          or cannot be judged\n"
		"  protected-list = FILE   and those of this device list\n"
		"  max-devices = N         a disruptive act on more is refused (500)\n"
		"  confirm-above = N       above so many an act asks for their number (10)\n"
		"  restricted = yes        no !, |, > and editors\n" },
	{ "kql", "local tables, filters, charts",
		"kql - where KQL is used here\n\n"
		"query asks the hunting service. show runs a pipeline here, over these tables:\n\n"
		"  Selected  the working set       } the machine resource's columns: id,\n"
		"  Devices   the whole inventory   } computerDnsName, osPlatform, lastSeen, ...\n"
		"  Results   the last query's rows\n"
		"  Outcomes  this session's jobs, device by device: Timestamp, job, number,\n"
		"            started, action, value, case, comment, id, name, outcome, status,\n"
		"            reason, actionId, created, tries, adopted, error\n"
		"  Log       the session log: seq, Timestamp, type, case, text, job, device,\n"
		"            outcome, ..., and the whole line as record\n"
		"  NAME      what 'load NAME FILE' made of a CSV, JSON or JSON-lines file\n\n"
		"'show TABLE | getschema' prints a table's columns and types.\n"
		"filter and --where take a predicate over a device's columns; after a query they may\n"
		"use its columns, too: a device stays if any of its rows passes. Of two columns with\n"
		"one name the device's is meant. protected reads device columns only.\n"
		"'| render barchart' (columnchart, piechart, timechart, ...) at the end draws a chart;\n"
		"'|> tee FILE.csv' writes the rows into a file.\n" },
	{ "status", "exit statuses",
		"status - exit statuses of the program\n\n"
		"  0    all done\n"
		"  1    a command failed\n"
		"  2    usage: nothing was sent\n"
		"  3    sign-in or permission\n"
		"  4    partial: devices or entries were skipped, refused, unsent, unknown,\n"
		"       unresolved, ambiguous, or a result was cut short\n"
		"  130  interrupted\n\n"
		"Of several the first of 130, 2, 3, 1, 4.\n" },
	{ NULL, NULL, NULL },
};
