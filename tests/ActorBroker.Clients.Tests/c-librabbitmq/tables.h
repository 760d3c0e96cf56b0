/* Field tables: to build them in place, and to compare two of them with all their types. */
#ifndef TABLES_H
#define TABLES_H

#include <stdio.h>
#include <string.h>

#include <amqp.h>

static int text_is(amqp_bytes_t bytes, const char *text) {
    return bytes.len == strlen(text) && memcmp(bytes.bytes, text, bytes.len) == 0;
}

static int bytes_equal(amqp_bytes_t a, amqp_bytes_t b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.bytes, b.bytes, a.len) == 0);
}

static int tables_equal(amqp_table_t a, amqp_table_t b, int print);

static int values_equal(amqp_field_value_t a, amqp_field_value_t b) {
    if (a.kind != b.kind) {
        return 0;
    }
    switch (a.kind) {
    case AMQP_FIELD_KIND_BOOLEAN: return !a.value.boolean == !b.value.boolean;
    case AMQP_FIELD_KIND_I8: return a.value.i8 == b.value.i8;
    case AMQP_FIELD_KIND_U8: return a.value.u8 == b.value.u8;
    case AMQP_FIELD_KIND_I16: return a.value.i16 == b.value.i16;
    case AMQP_FIELD_KIND_U16: return a.value.u16 == b.value.u16;
    case AMQP_FIELD_KIND_I32: return a.value.i32 == b.value.i32;
    case AMQP_FIELD_KIND_U32: return a.value.u32 == b.value.u32;
    case AMQP_FIELD_KIND_I64: return a.value.i64 == b.value.i64;
    case AMQP_FIELD_KIND_U64:
    case AMQP_FIELD_KIND_TIMESTAMP: return a.value.u64 == b.value.u64;
    case AMQP_FIELD_KIND_F32: return a.value.f32 == b.value.f32;
    case AMQP_FIELD_KIND_F64: return a.value.f64 == b.value.f64;
    case AMQP_FIELD_KIND_DECIMAL:
        return a.value.decimal.decimals == b.value.decimal.decimals && a.value.decimal.value == b.value.decimal.value;
    case AMQP_FIELD_KIND_UTF8:
    case AMQP_FIELD_KIND_BYTES: return bytes_equal(a.value.bytes, b.value.bytes);
    case AMQP_FIELD_KIND_VOID: return 1;
    case AMQP_FIELD_KIND_TABLE: return tables_equal(a.value.table, b.value.table, 0);
    case AMQP_FIELD_KIND_ARRAY:
        if (a.value.array.num_entries != b.value.array.num_entries) {
            return 0;
        }
        for (int i = 0; i < a.value.array.num_entries; i++) {
            if (!values_equal(a.value.array.entries[i], b.value.array.entries[i])) {
                return 0;
            }
        }
        return 1;
    default: return 0;
    }
}

static int tables_equal(amqp_table_t a, amqp_table_t b, int print) {
    int equal = a.num_entries == b.num_entries;
    for (int i = 0; equal && i < a.num_entries; i++) {
        equal = bytes_equal(a.entries[i].key, b.entries[i].key) && values_equal(a.entries[i].value, b.entries[i].value);
        if (print && !equal) {
            printf("header %.*s\n", (int)a.entries[i].key.len, (char *)a.entries[i].key.bytes);
        }
    }
    return equal;
}

static amqp_field_value_t string_value(const char *text) {
    amqp_field_value_t value = {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes(text)};
    return value;
}

static amqp_table_entry_t entry(const char *key, amqp_field_value_t value) {
    amqp_table_entry_t made = {.key = amqp_cstring_bytes(key), .value = value};
    return made;
}

#define VALUE(type, field, content) ((amqp_field_value_t){.kind = AMQP_FIELD_KIND_##type, .value.field = content})

#endif
