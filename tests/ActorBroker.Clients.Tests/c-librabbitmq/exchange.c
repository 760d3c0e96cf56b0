/* A real exchange between librabbitmq (C) and the broker: exits 0, or prints what differed and exits 1. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <amqp.h>
#include <amqp_tcp_socket.h>

#include "tables.h"

#define ONE_FRAME (131072 - 8)
#define COUNT(array) ((int)(sizeof(array) / sizeof(array[0])))

static amqp_connection_state_t connection;
static int failures;

static void check(int equal, const char *format, ...) {
    va_list arguments;
    if (equal) {
        return;
    }
    failures++;
    va_start(arguments, format);
    printf("differs ");
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
}

static void die(const char *what) {
    printf("stopped: %s\n", what);
    exit(1);
}

static void must_reply(const char *what) {
    amqp_rpc_reply_t reply = amqp_get_rpc_reply(connection);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
        die(what);
    }
}

static char *name_of(const char *topic) {
    static char names[32][100];
    static int used;
    char *name = names[used++];
    snprintf(name, sizeof(names[0]), "clients.librabbitmq.%s.%d.%d", topic, (int)getpid(), used);
    return name;
}

static amqp_bytes_t new_queue(amqp_channel_t channel, const char *topic) {
    amqp_bytes_t queue = amqp_cstring_bytes(name_of(topic));
    amqp_queue_declare(connection, channel, queue, 0, 0, 1, 0, amqp_empty_table);
    must_reply("queue.declare");
    return queue;
}

static int ready(amqp_channel_t channel, amqp_bytes_t queue) {
    amqp_queue_declare_ok_t *state = amqp_queue_declare(connection, channel, queue, 1, 0, 1, 0, amqp_empty_table);
    must_reply("passive queue.declare");
    return (int)state->message_count;
}

static void send_bytes(amqp_channel_t channel, amqp_bytes_t queue, const amqp_basic_properties_t *p,
                       amqp_bytes_t body) {
    if (amqp_basic_publish(connection, channel, amqp_empty_bytes, queue, 0, 0, p, body) != AMQP_STATUS_OK) {
        die("basic.publish");
    }
}

static void send_text(amqp_channel_t channel, amqp_bytes_t queue, const char *body) {
    send_bytes(channel, queue, NULL, amqp_cstring_bytes(body));
}

/* basic.get: 1 and the message, or 0 when the queue is empty. */
static int get(amqp_channel_t channel, amqp_bytes_t queue, int no_ack, amqp_basic_get_ok_t *ok,
               amqp_message_t *message) {
    amqp_rpc_reply_t reply = amqp_basic_get(connection, channel, queue, no_ack);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
        die("basic.get");
    }
    if (reply.reply.id == AMQP_BASIC_GET_EMPTY_METHOD) {
        return 0;
    }
    *ok = *(amqp_basic_get_ok_t *)reply.reply.decoded;
    if (amqp_read_message(connection, channel, message, 0).reply_type != AMQP_RESPONSE_NORMAL) {
        die("reading a message");
    }
    return 1;
}

/* The next method frame on the channel; what says what for. */
static amqp_frame_t next_method(amqp_channel_t channel, const char *what) {
    struct timeval limit = {20, 0};
    amqp_frame_t frame;
    do {
        if (amqp_simple_wait_frame_noblock(connection, &frame, &limit) != AMQP_STATUS_OK) {
            printf("waited 20 s for %s\n", what);
            exit(1);
        }
    } while (frame.frame_type != AMQP_FRAME_METHOD || frame.channel != channel);
    return frame;
}

static void properties_round_trip(amqp_channel_t channel, const char *user) {
    static char long_key[256], long_text[10001];
    memset(long_key, 'k', 255);
    memset(long_text, 'x', 10000);
    amqp_table_entry_t inner[] = {entry("n", VALUE(I32, i32, 7)), entry("none", VALUE(VOID, i8, 0))};
    amqp_field_value_t numbers[] = {VALUE(I64, i64, 3), VALUE(I16, i16, 4)};
    amqp_field_value_t items[] = {
        VALUE(I32, i32, 1), string_value("two"), VALUE(BOOLEAN, boolean, 1), VALUE(VOID, i8, 0),
        VALUE(ARRAY, array, ((amqp_array_t){2, numbers})), VALUE(TABLE, table, ((amqp_table_t){2, inner}))};
    amqp_bytes_t binary = {3, "\x00\xff\x7f"};
    amqp_table_entry_t headers[] = {
        entry("true", VALUE(BOOLEAN, boolean, 1)), entry("false", VALUE(BOOLEAN, boolean, 0)),
        entry("text", string_value("Grüße, 世界")), entry("empty", string_value("")),
        entry("bytes", VALUE(BYTES, bytes, binary)), entry("int8", VALUE(I8, i8, -128)),
        entry("uint8", VALUE(U8, u8, 255)), entry("int16", VALUE(I16, i16, -32768)),
        entry("uint16", VALUE(U16, u16, 65535)), entry("int32", VALUE(I32, i32, INT32_MIN)),
        entry("uint32", VALUE(U32, u32, UINT32_MAX)), entry("int64", VALUE(I64, i64, INT64_MIN)),
        entry("float", VALUE(F32, f32, 1.5f)), entry("double", VALUE(F64, f64, -1.0e-300)),
        entry("decimal", VALUE(DECIMAL, decimal, ((amqp_decimal_t){5, 314159}))),
        entry("time", VALUE(TIMESTAMP, u64, 1785587415)), entry("null", VALUE(VOID, i8, 0)),
        entry("table", VALUE(TABLE, table, ((amqp_table_t){2, inner}))),
        entry("array", VALUE(ARRAY, array, ((amqp_array_t){COUNT(items), items}))),
        entry("array.empty", VALUE(ARRAY, array, ((amqp_array_t){0, NULL}))),
        entry("long.text", string_value(long_text)), entry(long_key, string_value("longest name"))};
    amqp_basic_properties_t sent = {
        ._flags = 0xFFFC, .content_type = amqp_cstring_bytes("application/json"),
        .content_encoding = amqp_cstring_bytes("gzip"), .headers = {COUNT(headers), headers}, .delivery_mode = 2,
        .priority = 9, .correlation_id = amqp_cstring_bytes("c-1"), .reply_to = amqp_cstring_bytes("reply.here"),
        .expiration = amqp_cstring_bytes("600000"), .message_id = amqp_cstring_bytes("m-1"), .timestamp = 1785587415,
        .type = amqp_cstring_bytes("order.created"), .user_id = amqp_cstring_bytes(user),
        .app_id = amqp_cstring_bytes("clients"), .cluster_id = amqp_cstring_bytes("cluster-1")};
    amqp_bytes_t queue = new_queue(channel, "props");
    amqp_basic_get_ok_t ok;
    amqp_message_t message;
    send_bytes(channel, queue, &sent, amqp_cstring_bytes("p"));
    if (!get(channel, queue, 1, &ok, &message)) {
        die("the message with all properties is not there");
    }
    amqp_basic_properties_t *got = &message.properties;
    check(text_is(message.body, "p"), "body");
    check(got->_flags == sent._flags, "property flags: expected %x, got %x", sent._flags, got->_flags);
    check(tables_equal(sent.headers, got->headers, 1), "headers");
    check(got->delivery_mode == 2 && got->priority == 9 && got->timestamp == sent.timestamp, "property numbers");
    const amqp_bytes_t texts[][2] = {
        {sent.content_type, got->content_type}, {sent.content_encoding, got->content_encoding},
        {sent.correlation_id, got->correlation_id}, {sent.reply_to, got->reply_to}, {sent.expiration, got->expiration},
        {sent.message_id, got->message_id}, {sent.type, got->type}, {sent.user_id, got->user_id},
        {sent.app_id, got->app_id}, {sent.cluster_id, got->cluster_id}};
    for (int i = 0; i < COUNT(texts); i++) {
        check(bytes_equal(texts[i][0], texts[i][1]), "property: expected %.*s, got %.*s", (int)texts[i][0].len,
              (char *)texts[i][0].bytes, (int)texts[i][1].len, (char *)texts[i][1].bytes);
    }
    amqp_destroy_message(&message);
}

static void bodies_round_trip(amqp_channel_t channel, const char *user) {
    const int sizes[] = {0, 1, ONE_FRAME, ONE_FRAME + 1, 1 << 20, 16 << 20};
    amqp_bytes_t queue = new_queue(channel, "bodies");
    amqp_bytes_t body = amqp_bytes_malloc(16 << 20);
    (void)user;
    for (size_t i = 0; i < body.len; i++) {
        ((unsigned char *)body.bytes)[i] = (unsigned char)(i % 251);
    }
    for (int i = 0; i < COUNT(sizes); i++) {
        amqp_basic_get_ok_t ok;
        amqp_message_t message;
        body.len = (size_t)sizes[i];
        send_bytes(channel, queue, NULL, body);
        if (get(channel, queue, 1, &ok, &message)) {
            check(bytes_equal(body, message.body), "body of %d bytes", sizes[i]);
            amqp_destroy_message(&message);
        } else {
            check(0, "body of %d bytes: not there", sizes[i]);
        }
        amqp_maybe_release_buffers(connection);
    }
    amqp_bytes_free(body);
}

static void confirms_and_return(amqp_channel_t channel, const char *user) {
    amqp_bytes_t queue = new_queue(channel, "confirms");
    amqp_bytes_t missing = amqp_cstring_bytes(name_of("nowhere"));
    amqp_message_t message;
    uint64_t confirmed = 0;
    (void)user;
    amqp_confirm_select(connection, channel);
    must_reply("confirm.select");
    for (int i = 0; i < 100; i++) {
        send_text(channel, queue, "c");
    }
    while (confirmed < 100) { /* one by one or several at once: the last tag tells, for one queue keeps their order */
        amqp_frame_t frame = next_method(channel, "a confirm");
        if (frame.payload.method.id != AMQP_BASIC_ACK_METHOD) {
            die("something else than basic.ack for a published message");
        }
        amqp_basic_ack_t *ack = frame.payload.method.decoded;
        check(ack->multiple || ack->delivery_tag == confirmed + 1, "confirm order");
        confirmed = ack->delivery_tag;
    }
    check(ready(channel, queue) == 100, "confirmed messages: %d", ready(channel, queue));
    amqp_basic_publish(connection, channel, amqp_empty_bytes, missing, 1, 0, NULL, amqp_cstring_bytes("lost"));
    amqp_frame_t frame = next_method(channel, "basic.return");
    if (frame.payload.method.id != AMQP_BASIC_RETURN_METHOD) {
        die("no basic.return before the confirm");
    }
    amqp_basic_return_t *returned = frame.payload.method.decoded;
    check(returned->reply_code == 312 && text_is(returned->reply_text, "NO_ROUTE"), "return code and text");
    check(bytes_equal(returned->routing_key, missing) && returned->exchange.len == 0, "return address");
    amqp_read_message(connection, channel, &message, 0);
    check(text_is(message.body, "lost"), "returned body");
    amqp_destroy_message(&message);
    check(next_method(channel, "confirm").payload.method.id == AMQP_BASIC_ACK_METHOD, "unroutable is acknowledged");
}

static uint64_t next_delivery(char expected) {
    struct timeval limit = {20, 0};
    amqp_envelope_t envelope;
    uint64_t tag;
    if (amqp_consume_message(connection, &envelope, &limit, 0).reply_type != AMQP_RESPONSE_NORMAL) {
        die("waited 20 s for a delivery");
    }
    check(envelope.message.body.len == 1 && *(char *)envelope.message.body.bytes == expected, "order at %c", expected);
    tag = envelope.delivery_tag;
    amqp_destroy_envelope(&envelope);
    return tag;
}

static void prefetch_and_cancel(amqp_channel_t channel, const char *user) {
    amqp_bytes_t queue = new_queue(channel, "prefetch");
    amqp_bytes_t tag = amqp_cstring_bytes("prefetching");
    (void)user;
    for (char digit[] = "0"; *digit <= '9'; (*digit)++) {
        send_text(channel, queue, digit);
    }
    amqp_basic_qos(connection, channel, 0, 3, 0);
    amqp_basic_consume(connection, channel, queue, tag, 0, 0, 0, amqp_empty_table);
    must_reply("basic.consume");
    next_delivery('0');
    uint64_t second = next_delivery('1');
    next_delivery('2');
    check(ready(channel, queue) == 7, "ready while 3 are unacknowledged: %d", ready(channel, queue));
    check(!amqp_frames_enqueued(connection), "deliveries before the first ack");
    amqp_basic_ack(connection, channel, second, 1);
    next_delivery('3');
    uint64_t last = next_delivery('4');
    amqp_basic_cancel(connection, channel, tag);
    must_reply("basic.cancel");
    amqp_basic_ack(connection, channel, last, 1);
    check(ready(channel, queue) == 5, "ready after cancel: %d", ready(channel, queue));
    check(!amqp_frames_enqueued(connection), "deliveries after cancel");
}

static void cancelled_by_the_broker(amqp_channel_t channel, const char *user) {
    amqp_bytes_t queue = new_queue(channel, "notify");
    (void)user;
    amqp_basic_consume(connection, channel, queue, amqp_cstring_bytes("doomed"), 0, 0, 0, amqp_empty_table);
    must_reply("basic.consume");
    amqp_queue_delete(connection, channel, queue, 0, 0);
    must_reply("queue.delete");
    amqp_frame_t frame = next_method(channel, "basic.cancel from the broker");
    check(frame.payload.method.id == AMQP_BASIC_CANCEL_METHOD
              && text_is(((amqp_basic_cancel_t *)frame.payload.method.decoded)->consumer_tag, "doomed"),
          "cancelled consumer");
}

static uint64_t look(amqp_channel_t channel, amqp_bytes_t queue, const char *body, int redelivered, uint32_t left) {
    amqp_basic_get_ok_t ok;
    amqp_message_t message;
    if (!get(channel, queue, 0, &ok, &message)) {
        die("get finds nothing");
    }
    check(text_is(message.body, body) && !ok.redelivered == !redelivered && ok.message_count == left,
          "get: expected %s, %d, %u; got %.*s, %d, %u", body, redelivered, left, (int)message.body.len,
          (char *)message.body.bytes, ok.redelivered, ok.message_count);
    amqp_destroy_message(&message);
    return ok.delivery_tag;
}

static void get_nack_reject(amqp_channel_t channel, const char *user) {
    amqp_bytes_t queue = new_queue(channel, "get");
    amqp_basic_get_ok_t ok;
    amqp_message_t message;
    (void)user;
    check(!get(channel, queue, 0, &ok, &message), "get on an empty queue");
    send_text(channel, queue, "first");
    send_text(channel, queue, "second");
    amqp_basic_nack(connection, channel, look(channel, queue, "first", 0, 1), 0, 1);
    amqp_basic_reject(connection, channel, look(channel, queue, "first", 1, 1), 0);
    look(channel, queue, "second", 0, 0);
}

static void channel_error_is_alone(amqp_channel_t channel, const char *user) {
    char expected[200];
    const char *missing = name_of("missing");
    (void)user;
    amqp_channel_open(connection, 100);
    must_reply("channel.open");
    amqp_queue_declare(connection, 100, amqp_cstring_bytes(missing), 1, 0, 0, 0, amqp_empty_table);
    amqp_rpc_reply_t reply = amqp_get_rpc_reply(connection);
    if (reply.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION || reply.reply.id != AMQP_CHANNEL_CLOSE_METHOD) {
        die("passive declare of a missing queue did not close the channel");
    }
    amqp_channel_close_t *closed = reply.reply.decoded;
    snprintf(expected, sizeof(expected), "NOT_FOUND - no queue '%s' in vhost '/'", missing);
    check(closed->reply_code == 404 && text_is(closed->reply_text, expected), "channel error: %d %.*s",
          closed->reply_code, (int)closed->reply_text.len, (char *)closed->reply_text.bytes);
    amqp_channel_close_ok_t ok = {0};
    amqp_send_method(connection, 100, AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
    amqp_bytes_t queue = new_queue(channel, "after");
    send_text(channel, queue, "still works");
    look(channel, queue, "still works", 0, 0);
}

int main(int count, char **arguments) {
    struct amqp_connection_info at;
    void (*const steps[])(amqp_channel_t, const char *) = {
        properties_round_trip, bodies_round_trip, confirms_and_return, prefetch_and_cancel,
        cancelled_by_the_broker, get_nack_reject, channel_error_is_alone};
    if (count < 2 || amqp_parse_url(arguments[1], &at) != AMQP_STATUS_OK) {
        die("usage: exchange AMQP-URI");
    }
    connection = amqp_new_connection();
    if (amqp_socket_open(amqp_tcp_socket_new(connection), at.host, at.port) != AMQP_STATUS_OK) {
        die("cannot connect");
    }
    /* librabbitmq is told of a cancelled consumer only by callers that say they want it */
    amqp_table_entry_t cancel_notify[] = {entry("consumer_cancel_notify", VALUE(BOOLEAN, boolean, 1))};
    amqp_table_t wanted = {1, cancel_notify};
    amqp_table_entry_t capabilities[] = {entry("capabilities", VALUE(TABLE, table, wanted))};
    amqp_table_t client = {1, capabilities};
    if (amqp_login_with_properties(connection, at.vhost, 0, 131072, 0, &client, AMQP_SASL_METHOD_PLAIN, at.user,
                                   at.password).reply_type != AMQP_RESPONSE_NORMAL) {
        die("cannot log in");
    }
    for (int i = 0; i < COUNT(steps); i++) {
        amqp_channel_open(connection, (amqp_channel_t)(i + 1));
        must_reply("channel.open");
        steps[i]((amqp_channel_t)(i + 1), at.user);
    }
    amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(connection);
    printf(failures ? "%d differences\n" : "done\n", failures);
    return failures ? 1 : 0;
}
