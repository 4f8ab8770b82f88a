/* The settings of a run; see options.h. */
#include "options.h"

#include <stdlib.h>
#include <string.h>

static const struct setting {
	const char *name, *standard, *meaning;
	bool is_switch;
	size_t place; /* in struct options */
} settings[] = {
	{"async_writes", "off", "entries and truncations are written when the schedule says", true,
	 offsetof(struct options, async_writes)},
	{"barrier", "on",
	 "a new leader appends a barrier (raft_barrier), which libraft leaves to its user", true,
	 offsetof(struct options, barrier)},
	{"cap_acknowledgements", "off",
	 "a follower acknowledges no more than it was sent: what libraft should do", true,
	 offsetof(struct options, cap_acknowledgements)},
	{"membership", "off",
	 "change the members, where that is asked for (raft_add, raft_assign, raft_remove)", true,
	 offsetof(struct options, membership)},
	{"pre_vote", "off", "ask before raising the term (raft_set_pre_vote)", true,
	 offsetof(struct options, pre_vote)},
	{"snapshot_threshold", "4", "entries between snapshots (raft_set_snapshot_threshold)",
	 false, offsetof(struct options, snapshot_threshold)},
	{"snapshot_trailing", "1", "entries that a snapshot leaves (raft_set_snapshot_trailing)",
	 false, offsetof(struct options, snapshot_trailing)},
	{"sticky", "off",
	 "on: whoever has heard from a leader refuses to vote, until its timer runs out", true,
	 offsetof(struct options, sticky)},
	{"transfers", "on", "hand over leadership, where that is asked for (raft_transfer)", true,
	 offsetof(struct options, transfers)},
};

#define SETTINGS (sizeof settings / sizeof *settings)

static void set(struct options *options, const struct setting *setting, const char *value)
{
	char *place = (char *)options + setting->place;
	if (setting->is_switch) {
		if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
			fail("setting %s: found %s, expected on or off", setting->name, value);
		*(bool *)place = strcmp(value, "on") == 0;
		return;
	}
	char *end;
	unsigned long number = strtoul(value, &end, 10);
	if (*end || number < 1 || number > 1000000)
		fail("setting %s: found %s, expected 1 to 1000000", setting->name, value);
	*(unsigned *)place = (unsigned)number;
}

static const struct setting *setting_of(const char *name)
{
	for (size_t place = 0; place < SETTINGS; place++)
		if (strcmp(settings[place].name, name) == 0)
			return &settings[place];
	fail("setting %s: found a setting that libraft does not have", name);
}

void options_read(struct options *options, const struct json *given)
{
	for (size_t place = 0; place < SETTINGS; place++)
		set(options, &settings[place], settings[place].standard);
	for (const struct json *each = given ? given->first : NULL; each; each = each->next)
		set(options, setting_of(each->name), each->text);
}

void options_add(struct text *reply)
{
	for (size_t place = 0; place < SETTINGS; place++) {
		text_add(reply, "%s{\"name\":\"%s\",\"default\":\"%s\",\"meaning\":\"%s\"}",
			 place ? "," : "[", settings[place].name, settings[place].standard,
			 settings[place].meaning);
	}
	text_add(reply, "]");
}
