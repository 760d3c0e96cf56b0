// A real exchange between amqp091-go and the broker: exits 0, or prints what differed and exits 1.
//
// Not covered: amqp091-go has no unsigned 16- and 32-bit integers and no cluster-id; it cannot tell an absent
// property from an empty one.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const oneFrame = 131072 - 8

var failures int

func check(topic string, expected, actual interface{}) {
	if !reflect.DeepEqual(expected, actual) {
		failures++
		fmt.Printf("differs %s: expected %.300v, got %.300v\n", topic, expected, actual)
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func bodyOf(size int) []byte {
	body := make([]byte, size)
	for i := range body {
		body[i] = byte(i % 251)
	}
	return body
}

func nameOf(topic string) string {
	return fmt.Sprintf("clients.amqp091.%s.%d.%d", topic, os.Getpid(), time.Now().UnixNano())
}

func newQueue(channel *amqp.Channel, topic string) string {
	queue, err := channel.QueueDeclare(nameOf(topic), false, false, true, false, nil)
	must(err)
	return queue.Name
}

func ready(channel *amqp.Channel, queue string) int {
	state, err := channel.QueueDeclarePassive(queue, false, false, true, false, nil)
	must(err)
	return state.Messages
}

func publish(channel *amqp.Channel, queue string, message amqp.Publishing) {
	must(channel.PublishWithContext(context.Background(), "", queue, false, false, message))
}

func receive(deliveries <-chan amqp.Delivery, what string) amqp.Delivery {
	select {
	case delivery, open := <-deliveries:
		if !open {
			panic("closed while waiting for " + what)
		}
		return delivery
	case <-time.After(20 * time.Second):
		panic("waited 20 s for " + what)
	}
}

func get(channel *amqp.Channel, queue string, autoAck bool) amqp.Delivery {
	delivery, found, err := channel.Get(queue, autoAck)
	must(err)
	check("get finds a message", true, found)
	return delivery
}

func propertiesRoundTrip(connection *amqp.Connection, channel *amqp.Channel, user string) {
	queue := newQueue(channel, "props")
	at := time.Unix(1785587415, 0)
	headers := amqp.Table{
		"true": true, "false": false, "text": "Grüße, 世界", "empty": "", "bytes": []byte{0, 255, 127},
		"int8": int8(-128), "uint8": byte(255), "int16": int16(-32768), "int32": int32(-2147483648),
		"int64": int64(-9223372036854775808), "float": float32(1.5), "double": -1.0e-300,
		"decimal": amqp.Decimal{Scale: 5, Value: 314159}, "decimal.negative": amqp.Decimal{Scale: 1, Value: -125},
		"time": at, "null": nil,
		"table": amqp.Table{"inner": amqp.Table{"deep": amqp.Table{"n": int32(7)}, "none": nil}, "empty": amqp.Table{}},
		"array": []interface{}{int32(1), "two", true, nil, []interface{}{int64(3), []interface{}{int16(4)}},
			amqp.Table{"five": int8(5)}},
		"long.text": strings.Repeat("x", 10000), strings.Repeat("k", 255): "longest name",
	}
	sent := amqp.Publishing{
		Headers: headers, ContentType: "application/json", ContentEncoding: "gzip", DeliveryMode: amqp.Persistent,
		Priority: 9, CorrelationId: "c-1", ReplyTo: "reply.here", Expiration: "600000", MessageId: "m-1",
		Timestamp: at, Type: "order.created", UserId: user, AppId: "clients", Body: []byte("p"),
	}
	publish(channel, queue, sent)
	got := get(channel, queue, true)
	for name, value := range headers {
		check("header "+name, value, got.Headers[name])
	}
	check("number of headers", len(headers), len(got.Headers))
	check("properties", sent, amqp.Publishing{
		Headers: headers, ContentType: got.ContentType, ContentEncoding: got.ContentEncoding,
		DeliveryMode: got.DeliveryMode, Priority: got.Priority, CorrelationId: got.CorrelationId,
		ReplyTo: got.ReplyTo, Expiration: got.Expiration, MessageId: got.MessageId, Timestamp: got.Timestamp,
		Type: got.Type, UserId: got.UserId, AppId: got.AppId, Body: got.Body,
	})
}

func bodiesRoundTrip(connection *amqp.Connection, channel *amqp.Channel, user string) {
	queue := newQueue(channel, "bodies")
	for _, size := range []int{0, 1, oneFrame, oneFrame + 1, 1 << 20, 16 << 20} {
		sent := bodyOf(size)
		publish(channel, queue, amqp.Publishing{Body: sent})
		got := get(channel, queue, true)
		check(fmt.Sprintf("body of %d bytes is equal", size), true, bytes.Equal(sent, got.Body))
	}
}

func confirmsAndReturn(connection *amqp.Connection, channel *amqp.Channel, user string) {
	queue := newQueue(channel, "confirms")
	must(channel.Confirm(false))
	confirms := channel.NotifyPublish(make(chan amqp.Confirmation, 200))
	returns := channel.NotifyReturn(make(chan amqp.Return, 1))
	for i := 0; i < 100; i++ {
		publish(channel, queue, amqp.Publishing{Body: []byte("c")})
	}
	for i := 1; i <= 100; i++ {
		select {
		case confirm := <-confirms:
			check("confirm", amqp.Confirmation{DeliveryTag: uint64(i), Ack: true}, confirm)
		case <-time.After(20 * time.Second):
			panic("waited 20 s for a confirm")
		}
	}
	check("confirmed messages", 100, ready(channel, queue))
	missing := queue + ".nowhere"
	must(channel.PublishWithContext(context.Background(), "", missing, true, false,
		amqp.Publishing{Body: []byte("lost")}))
	confirm := <-confirms
	check("unroutable is confirmed", amqp.Confirmation{DeliveryTag: 101, Ack: true}, confirm)
	select {
	case returned := <-returns: // the return comes before the confirm, so it is here already
		check("returned message", []interface{}{uint16(312), "NO_ROUTE", "", missing, "lost"},
			[]interface{}{returned.ReplyCode, returned.ReplyText, returned.Exchange, returned.RoutingKey,
				string(returned.Body)})
	default:
		check("mandatory", "returned before the confirm", "not returned")
	}
}

func prefetchAndCancel(connection *amqp.Connection, channel *amqp.Channel, user string) {
	queue := newQueue(channel, "prefetch")
	for i := 0; i < 10; i++ {
		publish(channel, queue, amqp.Publishing{Body: []byte{byte('0' + i)}})
	}
	must(channel.Qos(3, 0, false))
	deliveries, err := channel.Consume(queue, "prefetching", false, false, false, false, nil)
	must(err)
	order := ""
	var last amqp.Delivery
	next := func(count int, what string) {
		for i := 0; i < count; i++ {
			last = receive(deliveries, what)
			order += string(last.Body)
		}
	}
	next(2, "3 deliveries")
	second := last
	next(1, "3 deliveries")
	check("ready while 3 are unacknowledged", 7, ready(channel, queue))
	check("deliveries before the first ack", 0, len(deliveries))
	must(second.Ack(true))
	next(2, "2 more deliveries after 2 acks")
	check("order", "01234", order)
	must(channel.Cancel("prefetching", false))
	must(last.Ack(true))
	check("ready after cancel", 5, ready(channel, queue))
	_, open := <-deliveries
	check("deliveries after cancel", false, open)
}

func cancelledByTheBroker(connection *amqp.Connection, channel *amqp.Channel, user string) {
	queue := newQueue(channel, "notify")
	cancelled := channel.NotifyCancel(make(chan string, 1))
	_, err := channel.Consume(queue, "doomed", false, false, false, false, nil)
	must(err)
	_, err = channel.QueueDelete(queue, false, false, false)
	must(err)
	select {
	case tag := <-cancelled:
		check("cancelled consumer", "doomed", tag)
	case <-time.After(20 * time.Second):
		panic("waited 20 s for basic.cancel from the broker")
	}
}

func getNackReject(connection *amqp.Connection, channel *amqp.Channel, user string) {
	queue := newQueue(channel, "get")
	_, found, err := channel.Get(queue, false)
	must(err)
	check("get on an empty queue", false, found)
	for _, body := range []string{"first", "second"} {
		publish(channel, queue, amqp.Publishing{Body: []byte(body)})
	}
	look := func(topic, body string, redelivered bool, left uint32, autoAck bool) amqp.Delivery {
		got := get(channel, queue, autoAck)
		check(topic, []interface{}{body, redelivered, left},
			[]interface{}{string(got.Body), got.Redelivered, got.MessageCount})
		return got
	}
	must(look("get", "first", false, 1, false).Nack(false, true))
	must(look("get after nack", "first", true, 1, false).Reject(false))
	look("get after reject", "second", false, 0, true)
}

func channelErrorIsAlone(connection *amqp.Connection, channel *amqp.Channel, user string) {
	other, err := connection.Channel()
	must(err)
	missing := nameOf("missing")
	_, err = other.QueueDeclarePassive(missing, false, false, false, false, nil)
	check("passive declare is refused", true, err != nil)
	if refused, is := err.(*amqp.Error); is {
		check("channel error", []interface{}{404, "NOT_FOUND - no queue '" + missing + "' in vhost '/'"},
			[]interface{}{refused.Code, refused.Reason})
	}
	queue := newQueue(channel, "after")
	publish(channel, queue, amqp.Publishing{Body: []byte("still works")})
	check("other channel after the error", "still works", string(get(channel, queue, true).Body))
}

func main() {
	uri, err := amqp.ParseURI(os.Args[1])
	must(err)
	connection, err := amqp.Dial(os.Args[1])
	must(err)
	type step func(*amqp.Connection, *amqp.Channel, string)
	for _, run := range []step{propertiesRoundTrip, bodiesRoundTrip, confirmsAndReturn, prefetchAndCancel,
		cancelledByTheBroker, getNackReject, channelErrorIsAlone} {
		channel, err := connection.Channel()
		must(err)
		run(connection, channel, uri.Username)
	}
	must(connection.Close())
	if failures > 0 {
		os.Exit(1)
	}
	fmt.Println("done")
}
