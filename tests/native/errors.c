/* errors.c - statuses, messages and results that say that a call failed, for tests/test_errors.py. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum err_status {
    ERR_OK = 0,
    ERR_INVALID = 1,
    ERR_OVERFLOW = 2,
    ERR_IO = 3,
    ERR_STUCK = 4,
    ERR_DONE = 5,
    ERR_WARNING = 6,
    ERR_LARGE = -2000000000
};

int err_status_as(int status, int number)
{
    errno = number;
    return status;
}

const char *err_message(enum err_status status)
{
    switch (status) {
    case ERR_INVALID:
        return "the argument is not valid";
    case ERR_STUCK:
        return "an apple is stuck";
    case ERR_OVERFLOW:
        return "h\xe9";
    default:
        return NULL;
    }
}

int err_open(const char *path, int number)
{
    (void)path;
    errno = number;
    return -1;
}

int err_rename(const char *from, const char *to)
{
    return rename(from, to);
}

void *err_null(int fail)
{
    static int something;
    return fail ? NULL : &something;
}

int err_code(int n)
{
    return n;
}

/* A database that remembers why its last call failed, and rows that belong to it. */
struct err_db {
    char message[64];
};
struct err_row {
    struct err_db *db;
};

static int live;

int err_live(void)
{
    return live;
}

/* As sqlite3_open: gives a handle even when it fails, which says why. */
int err_db_open(const char *name, struct err_db **out)
{
    struct err_db *db = malloc(sizeof *db);
    live++;
    snprintf(db->message, sizeof db->message, "cannot open %.40s", name);
    *out = db;
    return strcmp(name, "bad") == 0 ? 14 : 0;
}

void err_db_close(struct err_db *db)
{
    live--;
    free(db);
}

const char *err_db_message(const struct err_db *db)
{
    return db->message;
}

int err_db_execute(struct err_db *db, const char *text)
{
    snprintf(db->message, sizeof db->message, "near '%.40s': syntax error", text);
    return text[0] == '!' ? 1 : 0;
}

int err_db_first(struct err_db *db, struct err_row **out)
{
    struct err_row *row = malloc(sizeof *row);
    live++;
    row->db = db;
    *out = row;
    return 0;
}

void err_row_free(struct err_row *row)
{
    live--;
    free(row);
}

int err_row_column(struct err_row *row, int index)
{
    snprintf(row->db->message, sizeof row->db->message, "no column %d", index);
    return index < 0 ? 1 : 0;
}
