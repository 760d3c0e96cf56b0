# frozen_string_literal: true

# Prints `got <body>` for each message of a queue, acknowledges it, and ends when the queue is deleted.
require 'bunny'

EXPECTED = {
  'flag' => true, 'int' => 7, 'long' => 1 << 40, 'text' => 'Grüße, 世界'.b, 'null' => nil,
  'bytes' => "\x00\xff\x7f".b, 'time' => Time.at(1_785_587_415), 'table' => { 'deep' => { 'n' => 7 } },
  'array' => [1, true, nil, 'two']
}.freeze

$stdout.sync = true
connection = Bunny.new(ARGV.fetch(0), automatically_recover: false).start
channel = connection.create_channel
channel.prefetch(5)
finished = Queue.new
consumer = Bunny::Consumer.new(channel, channel.queue(ARGV.fetch(1), passive: true), 'worker', false)
consumer.on_cancellation { finished << 0 }
consumer.on_delivery do |info, properties, body|
  if properties[:headers] == EXPECTED && properties[:delivery_mode] == 2
    puts "got #{body}"
    channel.ack(info.delivery_tag.to_i)
  else
    puts "differs: #{properties.inspect}"
    finished << 1
  end
end
channel.queue(ARGV.fetch(1), passive: true).subscribe_with(consumer)
code = finished.pop
connection.close
exit(code)
