/* enums.c - enums and flags, for tests/test_enums.py. */
#include <stdint.h>

enum en_color { EN_RED, EN_GREEN, EN_BLUE = 10, EN_CYAN = 10 };
enum en_signed { EN_MINUS = -1, EN_PLUS = 1 };
enum en_axis { EN_X = 1, EN_Y = 2, EN_Z = 4 };

enum en_color en_color_same(enum en_color value)
{
    return value;
}

enum en_color en_color_number(int value)
{
    return (enum en_color)value;
}

void en_color_out(int value, enum en_color *out)
{
    *out = (enum en_color)value;
}

void en_color_next(enum en_color *value)
{
    *value = (enum en_color)(*value + 1);
}

enum en_signed en_signed_same(enum en_signed value)
{
    return value;
}

enum en_axis en_axis_same(enum en_axis value)
{
    return value;
}

int en_int(int value)
{
    return value;
}
