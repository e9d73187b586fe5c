/* image.c - what a library's file says as Python data, for the tools; and where the loader would find
 * it. No code of the library runs.
 */
#include "bridge.h"

#include <elf.h>
#include <limits.h>

PyObject *read_image(PyObject *module, PyObject *args);
PyObject *locate_library(PyObject *module, PyObject *args);

/* Bytes of the names of symbols that one file's Python objects may hold: names can overlap in the file,
 * so the file's size is no bound. */
#define MAX_NAME_BYTES (256u << 20)

static const char *const kind_names[] = {
    [SB_SYMBOL_OTHER] = "other",   [SB_SYMBOL_FUNCTION] = "function",
    [SB_SYMBOL_OBJECT] = "object", [SB_SYMBOL_THREAD_LOCAL] = "tls",
    [SB_SYMBOL_IFUNC] = "ifunc",
};
#define KIND_COUNT (sizeof kind_names / sizeof *kind_names)

static PyObject *text_of(const char *text, size_t length)
{
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)length, "surrogateescape");
}

static PyObject *text_or_none(const char *text)
{
    return text == NULL ? Py_NewRef(Py_None) : text_of(text, strlen(text));
}

/* Whatever is wrong with a file is a LibraryError, also that it exceeds a limit. */
static PyObject *fault(bridge_state *state, sb_error *error)
{
    if (error->status != SB_ERROR_MEMORY)
        error->status = SB_ERROR_LIBRARY;
    return error_from_engine(state, error, NULL);
}

/* Puts a new reference, which may be NULL, into a dict. */
static int put(PyObject *dict, const char *key, PyObject *value)
{
    int status = value == NULL ? -1 : PyDict_SetItemString(dict, key, value);
    Py_XDECREF(value);
    return status;
}

static int put_item(PyObject *list, PyObject *item)
{
    int status = item == NULL ? -1 : PyList_Append(list, item);
    Py_XDECREF(item);
    return status;
}

/* ---- symbols --------------------------------------------------------------------------------------- */

/* What all rows of one file share. */
typedef struct symbol_texts {
    PyObject *kinds[KIND_COUNT];
    PyObject *versions; /* dict: each version's text once */
    size_t name_bytes;
} symbol_texts;

static PyObject *shared_text(PyObject *texts, const char *text)
{
    if (text == NULL)
        return Py_NewRef(Py_None);
    PyObject *made = text_of(text, strlen(text));
    PyObject *shared = made == NULL ? NULL : PyDict_SetDefault(texts, made, made);
    Py_XINCREF(shared);
    Py_XDECREF(made);
    return shared;
}

/* (name, version, is_default, kind, size, address, defined, weak, exported), of the class `row`,
 * which is tuple or adds no state to it. */
static PyObject *symbol_row(PyTypeObject *row, symbol_texts *texts, const sb_image_symbol *symbol,
                            size_t name_length)
{
    enum { FIELDS = 9 };
    PyObject *made = row->tp_alloc(row, FIELDS);
    if (made == NULL)
        return NULL;
    PyTuple_SET_ITEM(made, 0, text_of(symbol->name, name_length));
    PyTuple_SET_ITEM(made, 1, shared_text(texts->versions, symbol->version));
    PyTuple_SET_ITEM(made, 2, PyBool_FromLong(symbol->is_default));
    PyTuple_SET_ITEM(made, 3, Py_NewRef(texts->kinds[symbol->kind]));
    PyTuple_SET_ITEM(made, 4, PyLong_FromUnsignedLongLong(symbol->size));
    PyTuple_SET_ITEM(made, 5, PyLong_FromUnsignedLongLong(symbol->value));
    PyTuple_SET_ITEM(made, 6, PyBool_FromLong(symbol->defined));
    PyTuple_SET_ITEM(made, 7, PyBool_FromLong(symbol->binding == STB_WEAK));
    PyTuple_SET_ITEM(made, 8, PyBool_FromLong(symbol->exported));
    bool complete = true;
    for (Py_ssize_t i = 0; i < FIELDS; i++)
        complete = complete && PyTuple_GET_ITEM(made, i) != NULL;
    if (!complete)
        Py_CLEAR(made);
    else if (PyObject_GC_IsTracked(made))
        PyObject_GC_UnTrack(
            made); /* texts and numbers: a million of them would keep the collector busy */
    return made;
}

static int add_symbols(bridge_state *state, PyTypeObject *row, symbol_texts *texts, sb_image *image,
                       uint32_t count, PyObject *rows)
{
    sb_error error;
    for (uint32_t i = 1; i < count; i++) {
        sb_image_symbol symbol;
        if (sb_image_symbol_at(image, i, &symbol, &error) != SB_OK) {
            fault(state, &error);
            return -1;
        }
        if (symbol.name[0] == '\0' || symbol.binding == STB_LOCAL)
            continue;
        size_t length = strlen(symbol.name);
        texts->name_bytes += length;
        if (length > MAX_NAME_BYTES || texts->name_bytes > MAX_NAME_BYTES) {
            PyErr_Format(state->library_error,
                         "the names of the dynamic symbols have more than %u bytes together",
                         MAX_NAME_BYTES);
            return -1;
        }
        if (put_item(rows, symbol_row(row, texts, &symbol, length)) < 0)
            return -1;
        if (i % 65536 == 0 && PyErr_CheckSignals() < 0)
            return -1;
    }
    return 0;
}

static PyObject *symbols_of(bridge_state *state, PyTypeObject *row, sb_image *image, uint32_t count)
{
    symbol_texts texts = {.versions = PyDict_New()};
    PyObject *rows = PyList_New(0);
    bool ready = texts.versions != NULL && rows != NULL;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        texts.kinds[i] = PyUnicode_InternFromString(kind_names[i]);
        ready = ready && texts.kinds[i] != NULL;
    }
    if (!ready || add_symbols(state, row, &texts, image, count, rows) < 0)
        Py_CLEAR(rows);
    for (size_t i = 0; i < KIND_COUNT; i++)
        Py_XDECREF(texts.kinds[i]);
    Py_XDECREF(texts.versions);
    return rows;
}

/* ---- the rest of the file --------------------------------------------------------------------------- */

static int put_head(PyObject *dict, const sb_image_header *head)
{
    if (put(dict, "bits", PyLong_FromLong(head->bits)) < 0 ||
        put(dict, "byte_order", PyUnicode_FromString(head->big_endian ? "big" : "little")) < 0 ||
        put(dict, "type", PyLong_FromLong(head->type)) < 0 ||
        put(dict, "machine", PyLong_FromLong(head->machine)) < 0)
        return -1;
    return 0;
}

static int put_dynamic(PyObject *dict, const sb_image_dynamic *dynamic)
{
    PyObject *needed = PyList_New(0);
    for (uint32_t i = 0; needed != NULL && i < dynamic->needed_count; i++)
        if (put_item(needed, text_or_none(dynamic->needed[i])) < 0)
            Py_CLEAR(needed);
    if (put(dict, "needed", needed) < 0 || put(dict, "soname", text_or_none(dynamic->soname)) < 0 ||
        put(dict, "rpath", text_or_none(dynamic->rpath)) < 0 ||
        put(dict, "runpath", text_or_none(dynamic->runpath)) < 0)
        return -1;
    return 0;
}

/* [(owner, type, bytes)]; and symbridge's own two, which must be unambiguous. */
static int put_notes(bridge_state *state, PyObject *dict, sb_image *image)
{
    static const char *const own[] = {NULL, "description", "facts"}; /* by type */
    sb_error error;
    bool found = true;
    PyObject *notes = PyList_New(0);
    for (uint32_t i = 0; notes != NULL && found; i++) {
        sb_image_note note;
        if (sb_image_note_at(image, i, &note, &found, &error) != SB_OK) {
            fault(state, &error);
            Py_CLEAR(notes);
        } else if (found) {
            PyObject *owner = text_of(note.owner, note.owner_length);
            PyObject *row = owner == NULL
                                ? NULL
                                : Py_BuildValue("NIy#", owner, (unsigned)note.type,
                                                (const char *)note.bytes, (Py_ssize_t)note.size);
            if (put_item(notes, row) < 0)
                Py_CLEAR(notes);
        }
    }
    if (put(dict, "notes", notes) < 0)
        return -1;
    for (uint32_t type = 1; type < sizeof own / sizeof *own; type++) {
        const uint8_t *bytes;
        size_t size;
        if (sb_image_note_of(image, "symbridge", type, &bytes, &size, &error) != SB_OK) {
            fault(state, &error);
            return -1;
        }
        PyObject *value = bytes == NULL
                              ? Py_NewRef(Py_None)
                              : PyBytes_FromStringAndSize((const char *)bytes, (Py_ssize_t)size);
        if (put(dict, own[type], value) < 0)
            return -1;
    }
    return 0;
}

static int put_build_id(bridge_state *state, PyObject *dict, sb_image *image)
{
    sb_error error;
    const uint8_t *bytes;
    size_t size;
    if (sb_image_build_id(image, &bytes, &size, &error) != SB_OK) {
        fault(state, &error);
        return -1;
    }
    return put(dict, "build_id", PyBytes_FromStringAndSize((const char *)bytes, (Py_ssize_t)size));
}

/* (file name, CRC) or None; (file name, build-id) or None. */
static int put_links(bridge_state *state, PyObject *dict, sb_image *image)
{
    sb_error error;
    sb_image_link link, alternative;
    if (sb_image_debuglink(image, &link, &error) != SB_OK ||
        sb_image_debugaltlink(image, &alternative, &error) != SB_OK) {
        fault(state, &error);
        return -1;
    }
    PyObject *first = link.name == NULL
                          ? Py_NewRef(Py_None)
                          : Py_BuildValue("NI", text_or_none(link.name), (unsigned)link.crc);
    PyObject *second = alternative.name == NULL
                           ? Py_NewRef(Py_None)
                           : Py_BuildValue("Ny#", text_or_none(alternative.name),
                                           (const char *)alternative.build_id,
                                           (Py_ssize_t)alternative.build_id_size);
    int status = put(dict, "debuglink", first);
    return put(dict, "debugaltlink", second) < 0 ? -1 : status;
}

/* [(name, type, flags, address, offset, size)], in the order of the file. */
static int put_sections(bridge_state *state, PyObject *dict, sb_image *image)
{
    sb_error error;
    uint32_t count = sb_image_head(image)->section_count;
    PyObject *rows = PyList_New(0);
    for (uint32_t i = 0; rows != NULL && i < count; i++) {
        sb_image_section section;
        if (sb_image_section_at(image, i, &section, &error) != SB_OK) {
            fault(state, &error);
            Py_CLEAR(rows);
        } else if (put_item(rows,
                            Py_BuildValue("NIKKKK", text_or_none(section.name),
                                          (unsigned)section.type, (unsigned long long)section.flags,
                                          (unsigned long long)section.address,
                                          (unsigned long long)section.offset,
                                          (unsigned long long)section.size)) < 0) {
            Py_CLEAR(rows);
        }
    }
    return put(dict, "sections", rows);
}

/* ---- the functions ------------------------------------------------------------------------------------ */

static PyObject *image_to_python(bridge_state *state, PyTypeObject *row, const char *path)
{
    sb_image *image = NULL;
    sb_error error;
    const sb_image_dynamic *dynamic = NULL;
    uint32_t count = 0;
    sb_status status;
    Py_BEGIN_ALLOW_THREADS /* reads the file */
        status = sb_image_open(path, &image, &error);
    if (status == SB_OK)
        status = sb_image_read_dynamic(image, &dynamic, &error);
    if (status == SB_OK)
        status = sb_image_symbols(image, &count, &error);
    Py_END_ALLOW_THREADS if (status != SB_OK)
    {
        sb_image_close(image);
        return fault(state, &error);
    }
    PyObject *dict = PyDict_New();
    if (dict != NULL &&
        (put_head(dict, sb_image_head(image)) < 0 || put_dynamic(dict, dynamic) < 0 ||
         put(dict, "symbols", symbols_of(state, row, image, count)) < 0 ||
         put_notes(state, dict, image) < 0 || put_build_id(state, dict, image) < 0 ||
         put_links(state, dict, image) < 0 || put_sections(state, dict, image) < 0))
        Py_CLEAR(dict);
    sb_image_close(image);
    return dict;
}

PyObject *read_image(PyObject *module, PyObject *args)
{
    PyObject *path;
    PyTypeObject *row;
    if (!PyArg_ParseTuple(args, "O&O!:read_image", PyUnicode_FSConverter, &path, &PyType_Type,
                          &row))
        return NULL;
    PyObject *made = NULL;
    if (!PyType_IsSubtype(row, &PyTuple_Type) || row->tp_basicsize != PyTuple_Type.tp_basicsize)
        PyErr_SetString(PyExc_TypeError, "expected tuple, or a subclass of it without state");
    else
        made = image_to_python(PyModule_GetState(module), row, PyBytes_AS_STRING(path));
    Py_DECREF(path);
    return made;
}

PyObject *locate_library(PyObject *module, PyObject *args)
{
    PyObject *name;
    char path[PATH_MAX];
    sb_error error;
    sb_status status;
    if (!PyArg_ParseTuple(args, "O&:locate_library", PyUnicode_FSConverter, &name))
        return NULL;
    Py_BEGIN_ALLOW_THREADS status =
        sb_library_locate(PyBytes_AS_STRING(name), path, sizeof path, &error);
    Py_END_ALLOW_THREADS Py_DECREF(name);
    if (status != SB_OK)
        return fault(PyModule_GetState(module), &error);
    return PyUnicode_DecodeFSDefault(path);
}
