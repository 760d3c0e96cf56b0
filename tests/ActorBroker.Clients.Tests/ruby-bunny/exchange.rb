# frozen_string_literal: true

# A real exchange between bunny and the broker: exits 0, or prints what differed and exits 1.
#
# Not covered: bunny sends every integer as 64 bits (l) and encodes decimals with a scale it cannot read back; its
# decoder knows no unsigned 16- and 32-bit integers, so those types are never put into a message here. It has no
# byte-array type either (a String is always S), and hides the message-count of basic.get-ok.
require 'bunny'
require 'securerandom'
require 'timeout'

ONE_FRAME = 131_072 - 8
FAILURES = []
DEADLINE = 20

def check(topic, expected, actual)
  return if expected == actual

  FAILURES << topic
  puts "differs #{topic}: expected #{expected.inspect[0, 300]}, got #{actual.inspect[0, 300]}"
end

def body_of(size)
  pattern = (0..250).to_a.pack('C*')
  (pattern * (size / 251 + 1))[0, size]
end

def new_queue(channel, topic)
  channel.queue("clients.bunny.#{topic}.#{SecureRandom.uuid}", exclusive: true)
end

def await(what)
  Timeout.timeout(DEADLINE) { yield }
rescue Timeout::Error
  raise "waited #{DEADLINE} s for #{what}"
end

HEADERS = {
  'true' => true, 'false' => false, 'text' => 'Grüße, 世界'.b, 'empty' => ''.b, 'bytes' => "\x00\xff\x7f".b,
  'int64' => -9_223_372_036_854_775_808, 'int64.max' => 9_223_372_036_854_775_807, 'one' => 1,
  'double' => 2.5, 'double.negative' => -1.0e-300, 'time' => Time.at(1_785_587_415), 'null' => nil,
  'table' => { 'inner' => { 'deep' => { 'n' => 7 }, 'none' => nil }, 'empty' => {} },
  'array' => [1, 'two', true, nil, [3, [4]], { 'five' => 5 }], 'long.text' => 'x' * 10_000
}.freeze

def properties_round_trip(connection, channel)
  queue = new_queue(channel, 'props')
  sent = {
    content_type: 'application/json', content_encoding: 'gzip', headers: HEADERS, priority: 9, correlation_id: 'c-1',
    reply_to: 'reply.here', expiration: '600000', message_id: 'm-1', timestamp: 1_785_587_415,
    type: 'order.created', user_id: connection.user, app_id: 'clients', cluster_id: 'cluster-1'
  }
  channel.default_exchange.publish('p', sent.merge(routing_key: queue.name, persistent: true))
  _, got, body = queue.pop
  check('body', 'p', body)
  (sent.keys - %i[headers timestamp]).each { |name| check("property #{name}", sent[name], got[name]) }
  check('property timestamp', Time.at(sent[:timestamp]), got[:timestamp])
  check('property delivery_mode', 2, got[:delivery_mode])
  check('header names', HEADERS.keys.sort, got[:headers].keys.sort)
  HEADERS.each { |name, value| check("header #{name}", value, got[:headers][name]) }
  narrow = { 'float' => AMQ::Protocol::Float32Bit.new(1.5) }
  channel.default_exchange.publish('f', routing_key: queue.name, headers: narrow)
  check('header float', 1.5, queue.pop[1][:headers]['float'])
end

def bodies_round_trip(_connection, channel)
  queue = new_queue(channel, 'bodies')
  [0, 1, ONE_FRAME, ONE_FRAME + 1, 1 << 20, 16 << 20].each do |size|
    sent = body_of(size)
    channel.default_exchange.publish(sent, routing_key: queue.name)
    _, _, got = queue.pop
    check("body of #{size} bytes is equal", true, got == sent)
  end
end

def confirms_and_return(_connection, channel)
  queue = new_queue(channel, 'confirms')
  returned = Queue.new
  channel.confirm_select
  exchange = channel.direct('amq.direct', durable: true) # bunny hands no return to the default exchange
  exchange.on_return { |info, _properties, body| returned << [info, body] }
  100.times { channel.default_exchange.publish('c', routing_key: queue.name) }
  check('confirmed', true, channel.wait_for_confirms)
  check('nacked', true, channel.nacked_set.empty?)
  check('confirmed messages', 100, queue.message_count)
  missing = "#{queue.name}.nowhere"
  exchange.publish('lost', routing_key: missing, mandatory: true)
  check('unroutable is confirmed', true, channel.wait_for_confirms)
  info, body = await('basic.return') { returned.pop }
  check('returned message', [312, 'NO_ROUTE', 'amq.direct', missing, 'lost'],
        [info.reply_code, info.reply_text, info.exchange, info.routing_key, body])
end

def prefetch_and_cancel(_connection, channel)
  queue = new_queue(channel, 'prefetch')
  10.times { |i| channel.default_exchange.publish(i.to_s, routing_key: queue.name) }
  channel.prefetch(3)
  seen = Queue.new
  bodies = []
  consumer = queue.subscribe(manual_ack: true) { |info, _, body| seen << [info, body] }
  tags = Array.new(3) { await('3 deliveries') { seen.pop }.tap { |_, body| bodies << body }.first.delivery_tag }
  check('ready while 3 are unacknowledged', 7, queue.message_count)
  check('deliveries before the first ack', true, seen.empty?)
  channel.ack(tags[1].to_i, true)
  2.times { tags << await('2 more deliveries after 2 acks') { seen.pop }.tap { |_, b| bodies << b }.first.delivery_tag }
  check('order', %w[0 1 2 3 4], bodies)
  consumer.cancel
  channel.ack(tags.last.to_i, true)
  check('ready after cancel', 5, queue.message_count)
  check('deliveries after cancel', true, seen.empty?)
end

def cancelled_by_the_broker(_connection, channel)
  queue = new_queue(channel, 'notify')
  cancelled = Queue.new
  consumer = Bunny::Consumer.new(channel, queue)
  consumer.on_cancellation { |cancel| cancelled << cancel.consumer_tag }
  queue.subscribe_with(consumer)
  queue.delete
  check('cancelled consumer', consumer.consumer_tag, await('basic.cancel from the broker') { cancelled.pop })
end

def get_nack_reject(_connection, channel)
  queue = new_queue(channel, 'get')
  check('get on an empty queue', [nil, nil, nil], queue.pop)
  %w[first second].each { |body| channel.default_exchange.publish(body, routing_key: queue.name) }
  info, _, body = queue.pop(manual_ack: true)
  check('get', ['first', false, 1], [body, info.redelivered?, queue.message_count])
  channel.nack(info.delivery_tag.to_i, false, true)
  info, _, body = queue.pop(manual_ack: true)
  check('get after nack', ['first', true, 1], [body, info.redelivered?, queue.message_count])
  channel.reject(info.delivery_tag.to_i, false)
  info, _, body = queue.pop
  check('get after reject', ['second', false, 0], [body, info.redelivered?, queue.message_count])
end

def channel_error_is_alone(connection, channel)
  other = connection.create_channel
  missing = "clients.bunny.missing.#{SecureRandom.uuid}"
  begin
    other.queue(missing, passive: true)
    check('passive declare', 'closed by broker', 'accepted')
  rescue Bunny::NotFound => e
    check('channel error', [404, "NOT_FOUND - no queue '#{missing}' in vhost '/'"],
          [e.channel_close.reply_code, e.channel_close.reply_text])
  end
  queue = new_queue(channel, 'after')
  channel.default_exchange.publish('still works', routing_key: queue.name)
  check('other channel after the error', 'still works', queue.pop[2])
end

connection = Bunny.new(ARGV.fetch(0), automatically_recover: false).start
%i[properties_round_trip bodies_round_trip confirms_and_return prefetch_and_cancel cancelled_by_the_broker
   get_nack_reject channel_error_is_alone].each do |step|
  send(step, connection, connection.create_channel)
  puts "done #{step}"
end
connection.close
exit(FAILURES.empty? ? 0 : 1)
