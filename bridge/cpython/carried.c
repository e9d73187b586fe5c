/* carried.c - the description and the facts that a library carries, and what comes of them at load.
 *
 * All is read from the file before any code of the library runs: a library that is not what the
 * description says is refused without having been opened.
 */
#include "carried.h"

/* ---- reading ------------------------------------------------------------------------------------------ */

/* A file that cannot be read is an error only when the description is to come from it: else opening
 * the library says it better. */
static sb_status read_path(carried *c, sb_error *error)
{
    sb_status status = sb_image_open(c->path, &c->image, error);
    if (status == SB_OK)
        return sb_image_carried(c->image, c->wants_text ? &c->text : NULL, &c->facts, error);
    c->path[0] = '\0';
    return c->wants_text ? status : SB_OK;
}

static int finish(bridge_state *state, carried *c, sb_status status, sb_error *error)
{
    if (status == SB_OK)
        return 0;
    carried_end(c);
    if (status != SB_ERROR_MEMORY)
        error->status = SB_ERROR_LIBRARY; /* also what exceeds a limit */
    (void)error_from_engine(state, error, NULL);
    return -1;
}

int carried_read(bridge_state *state, carried *c, const char *library, bool wants_text)
{
    sb_error error;
    sb_status status = SB_OK;
    c->library = library;
    c->wants_text = wants_text;
    Py_BEGIN_ALLOW_THREADS
    if (strchr(library, '/') != NULL && strlen(library) < sizeof c->path)
        memcpy(c->path, library, strlen(library) + 1);
    else
        status = sb_library_locate(library, c->path, sizeof c->path, &error);
    if (status == SB_OK)
        status = read_path(c, &error);
    else if (!wants_text)
        status = SB_OK; /* likewise; the path is empty then */
    Py_END_ALLOW_THREADS
    return finish(state, c, status, &error);
}

void carried_end(carried *c)
{
    sb_image_close(c->image);
    c->image = NULL;
    c->text = c->facts = (sb_bytes){NULL, 0};
}

int carried_follow(bridge_state *state, carried *c, sb_library *library)
{
    char path[sizeof c->path];
    sb_error error;
    sb_status status = SB_OK;
    bool same;
    Py_BEGIN_ALLOW_THREADS
    if (sb_library_path(library, path, sizeof path, NULL) != SB_OK)
        same = true; /* nobody can say */
    else
        same = c->image != NULL && sb_image_is_file(c->image, path);
    if (!same) {
        carried_end(c);
        memcpy(c->path, path, sizeof path);
        status = read_path(c, &error);
    }
    Py_END_ALLOW_THREADS
    if (finish(state, c, status, &error) < 0)
        return -1;
    return same;
}

/* ---- comparing ------------------------------------------------------------------------------------------ */

static PyObject *bytes_or_none(sb_bytes from)
{
    return from.bytes == NULL
               ? Py_NewRef(Py_None)
               : PyBytes_FromStringAndSize((const char *)from.bytes, (Py_ssize_t)from.size);
}

static int ask(bridge_state *state, carried *c, const char *file, const char *text, size_t size,
               PyObject *judge)
{
    sb_error error;
    sb_bytes facts_again;
    sb_status status = c->text.bytes != NULL
                           ? SB_OK
                           : sb_image_carried(c->image, &c->text, &facts_again, &error);
    if (status != SB_OK) {
        (void)error_from_engine(state, &error, NULL);
        return -1;
    }
    PyObject *answer = NULL;
    PyObject *path = PyUnicode_DecodeFSDefault(c->path);
    PyObject *shown = PyUnicode_DecodeFSDefault(file);
    PyObject *described = PyBytes_FromStringAndSize(text, (Py_ssize_t)size);
    PyObject *own = bytes_or_none(c->text);
    PyObject *facts = bytes_or_none(c->facts);
    if (path != NULL && shown != NULL && described != NULL && own != NULL && facts != NULL)
        answer =
            PyObject_CallFunctionObjArgs(judge, path, shown, described, own, facts, NULL);
    Py_XDECREF(facts);
    Py_XDECREF(own);
    Py_XDECREF(described);
    Py_XDECREF(shown);
    Py_XDECREF(path);
    Py_XDECREF(answer);
    return answer == NULL ? -1 : 0;
}

int carried_verify(bridge_state *state, carried *c, const sb_description *d, const char *file,
                   const char *text, size_t size, PyObject *judge)
{
    sb_mismatch *mismatches;
    size_t count, verified;
    sb_error error;
    if (c->facts.bytes == NULL)
        return 0;
    sb_status status = sb_verify(d, c->facts.bytes, c->facts.size, &mismatches, &count, &verified,
                                 &error);
    if (status == SB_ERROR_MEMORY) {
        PyErr_NoMemory();
        return -1;
    }
    if (status != SB_OK) {
        PyErr_Format(state->library_error, "cannot trust library '%s': %s", c->path, error.message);
        return -1;
    }
    sb_free(mismatches);
    return count == 0 ? 0 : ask(state, c, file, text, size, judge);
}
