/* SPDX-License-Identifier: ISC
 *
 * local: what postern-local does with one job (pure/job.h): each recipient's
 * mailbox is looked up and the message stored in its Maildir. The control
 * files are read for every job, so that mending one frees what waits for it.
 *
 *	stored                              d 2.0.0
 *	no such mailbox                     f 5.1.1
 *	Delivered-To names the recipient    f 5.4.6
 *	no space                            t 4.3.1
 *	over quota                          t 4.2.2, or f 5.2.2 by
 *	                                    control/overquota
 *	any other trouble with a Maildir    t 4.3.0
 *	a domain that is not local (any more)  t 4.3.5
 *	a control file is wrong             h 4.3.5 */
#ifndef DELIVER_LOCAL_H
#define DELIVER_LOCAL_H

#include "control/quotas.h"
#include "deliver/maildir.h"
#include "pure/job.h"

struct local {
	struct control control;
	struct mailboxes *boxes; /* NULL: control has the error */
	struct quotas *quotas;   /* there when boxes is */
	bool barred;             /* a Maildir lies outside the jail */
	char path[LIMIT_PATH];
	char words[JOB_TEXT];
};

/* Closes the jail: the Maildirs that control names now can be reached. */
void local_jail(struct local *l);

/* Reads the control files. */
void local_begin(struct local *l);

/* Delivers to one recipient of the job, whose message is fd, and writes a log
 * line. The answer's spans live until the next call or local_end. */
struct job_answer local_deliver(
	struct local *l, const struct job *job, size_t rcpt, int fd);

void local_end(struct local *l);

#endif
