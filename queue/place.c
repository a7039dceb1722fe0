/* SPDX-License-Identifier: ISC */
#include "queue/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "queue/store.h"
#include "sys/home.h"

static const struct {
	uint32_t type;
	const char *name;
	bool network;
} file_systems[] = {
	{0xef53,      "ext4",    false},
	{ 0x58465342, "xfs",     false},
	{ 0x9123683e, "btrfs",   false},
	{ 0x01021994, "tmpfs",   false},
	{ 0x794c7630, "overlay", false},
	{ 0x2fc12fc1, "zfs",     false},
	{ 0xf2f52010, "f2fs",    false},
	{ 0x65735546, "fuse",    true },
	{ 0x6969,     "nfs",     true },
	{ 0xff534d42, "cifs",    true },
	{ 0xfe534d42, "smb",     true },
	{ 0x01021997, "9p",      true },
	{ 0x00c36400, "ceph",    true },
};

static void
look_room(int dir, struct place_room *room, const char *name, bool session)
{
	struct stat st;

	*room = (struct place_room){ .name = name, .session = session };
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
		room->error = errno;
	} else if (!S_ISDIR(st.st_mode)) {
		room->error = ENOTDIR;
	} else {
		room->uid = st.st_uid;
		room->gid = st.st_gid;
		room->mode = st.st_mode & 07777;
	}
}

static void
name_type(struct place *p, uint32_t type)
{
	snprintf(p->fs_text, sizeof p->fs_text, "0x%x", (unsigned)type);
	p->fs = p->fs_text;
	p->one_sync = store_fs_known(type);
	for (size_t i = 0; i < LEN(file_systems); i++)
		if (file_systems[i].type == type) {
			p->fs = file_systems[i].name;
			p->network = file_systems[i].network;
		}
}

static int
look_disk(struct place *p, int dir)
{
	struct statvfs fs;
	struct statfs type;

	if (fstatfs(dir, &type) == -1 || fstatvfs(dir, &fs) == -1)
		return -1;
	name_type(p, (uint32_t)type.f_type);
	p->read_only = fs.f_flag & ST_RDONLY;
	p->octets = UINT64_MAX;
	p->files = fs.f_files ? fs.f_favail : UINT64_MAX;
	if (fs.f_blocks &&
		__builtin_mul_overflow(fs.f_bavail, fs.f_frsize, &p->octets))
		p->octets = UINT64_MAX;
	return 0;
}

int
place_look(struct place *p)
{
	static const struct {
		const char *name;
		bool session;
	} rooms[PLACE_ROOMS] = {
		{".",       false},
		{ "tmp",    true },
		{ "new",    true },
		{ "cur",    false},
		{ "hold",   false},
		{ "failed", false},
	};
	int result;
	int dir;

	if (!home_queue(p->path))
		return -1;
	dir = open(p->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1)
		return -1;
	for (size_t i = 0; i < PLACE_ROOMS; i++)
		look_room(dir, &p->room[i], rooms[i].name, rooms[i].session);
	result = look_disk(p, dir);
	close(dir);
	return result;
}
