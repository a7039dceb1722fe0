/* SPDX-License-Identifier: ISC */
#include "control/quotas.h"

#include <errno.h>
#include <stdlib.h>

struct quotas {
	struct control_list list;
	bool final;
};

static int
check_list(struct control *c, struct quotas *q)
{
	struct quota quota;
	struct span entry;
	struct span key;
	struct span value;

	while (control_next(&q->list, &entry)) {
		const char *why = mailboxes_key(entry, &key, &value);

		if (!why && quota_parse(value, &quota) == -1)
			why = "not a quota behind the colon; write 500M, "
			      "1G,20000C or none";
		if (why)
			return control_fail(c, q->list.name, q->list.line, why);
	}
	control_rewind(&q->list);
	return 0;
}

static int
read_final(struct control *c, struct quotas *q)
{
	char word[16];

	if (control_line(c, CONTROL_OVERQUOTA, word, sizeof word) == -1)
		return -1;
	q->final = strcmp(word, "fail") == 0;
	if (q->final || !*word || strcmp(word, "later") == 0)
		return 0;
	return control_fail(c, control_file(CONTROL_OVERQUOTA)->name, 0,
		"write later or fail");
}

struct quotas *
quotas_open(struct control *c)
{
	struct quotas *q = calloc(1, sizeof *q);

	if (!q) {
		control_fail(c, control_file(CONTROL_QUOTA)->name, 0,
			strerror(errno));
		return NULL;
	}
	if (control_list(c, CONTROL_QUOTA, &q->list) != -1 &&
		check_list(c, q) == 0 && read_final(c, q) == 0)
		return q;
	quotas_close(q);
	return NULL;
}

void
quotas_close(struct quotas *q)
{
	if (!q)
		return;
	control_list_free(&q->list);
	free(q);
}

unsigned
quotas_find(const struct quotas *q, const struct mailboxes *m,
	struct span address, struct quota *out)
{
	struct span value;
	unsigned line = mailboxes_match(m, &q->list, address, &value);

	*out = (struct quota){ 0, 0 };
	if (line)
		quota_parse(value, out);
	return line;
}

bool
quotas_final(const struct quotas *q)
{
	return q->final;
}
