/* text.c - strings in every direction, encoding and ownership, for tests/test_text.py. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>
#include <wchar.h>

static int live_blocks;

static void *allocate(size_t size)
{
    live_blocks++;
    return malloc(size);
}

void txt_free(void *memory)
{
    if (memory != NULL)
        live_blocks--;
    free(memory);
}

int txt_live_blocks(void)
{
    return live_blocks;
}

/* The bytes of a text as a number, the first lowest; -1 for NULL. */
int64_t txt_bytes(const char *text)
{
    int64_t value = 0;
    if (text == NULL)
        return -1;
    for (size_t i = strlen(text); i > 0; i--)
        value = value << 8 | (unsigned char)text[i - 1];
    return value;
}

size_t txt_length(const char *text)
{
    return strlen(text);
}

size_t txt_wide_length(const wchar_t *text)
{
    return text == NULL ? 0 : wcslen(text);
}

size_t txt_length16(const char16_t *text)
{
    size_t n = 0;
    while (text[n] != 0)
        n++;
    return n;
}

uint32_t txt_first32(const char32_t *text)
{
    return text[0];
}

/* Changes the text it is given, as careless C does. */
size_t txt_upper(char *text)
{
    for (char *p = text; *p != '\0'; p++)
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    return strlen(text);
}

const char *txt_utf8(void)
{
    return "h\xc3\xa9llo";
}

const char *txt_from_latin1(void)
{
    return "h\xe9llo";
}

const char *txt_null(void)
{
    return NULL;
}

const wchar_t *txt_wide(void)
{
    return L"wide \u20ac \U0001f600";
}

const char16_t *txt_utf16(void)
{
    static const char16_t text[] = {'a', 0xd83d, 0xde00, 0};
    return text;
}

const char16_t *txt_half_pair(void)
{
    static const char16_t text[] = {'a', 0xd83d, 0};
    return text;
}

const char32_t *txt_utf32(void)
{
    static const char32_t text[] = {'a', 0x1f600, 0};
    return text;
}

static char *copy_of(const char *text)
{
    char *copy = allocate(strlen(text) + 1);
    return strcpy(copy, text);
}

char *txt_copy(const char *text)
{
    return text == NULL ? NULL : copy_of(text);
}

char *txt_bad_copy(void)
{
    return copy_of("\xff\xfe");
}

int txt_out(const char *text, int status, char **out)
{
    if (text != NULL)
        *out = copy_of(text);
    return status;
}

/* Two texts, of which the first is not UTF-8. */
void txt_two(char **first, char **second)
{
    *first = copy_of("\xff");
    *second = copy_of("second");
}

char *txt_malloced(void)
{
    char *text = malloc(3);
    return strcpy(text, "ok");
}
