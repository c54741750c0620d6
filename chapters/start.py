# %% [markdown]
# # Schemas in Motion: start here
#
# A producer sends bytes, a consumer reads them months later, and nobody asks whether both mean the same thing. Until it breaks.
# This course teaches the contracts that keep a stream readable: schemas, the registry that keeps them, and what happens when
# they change. Everything runs on a real Kafka and a real schema registry on your own machine.
#
# You need Python and some practice with data in batches. You do not need to know Kafka.

# %% [markdown]
# ## Your first event
#
# Three small cells. Run each with Shift+Enter and read what it says. The first one finds the Kafka that `make lab` or
# `streamlab up` started; it starts nothing itself.

# %%
import json

from streamlab import stack

here = stack.connect()
assert here.bootstrap_servers
assert here.schema_registry_url

# %% [markdown]
# No output is good news: a broker and a registry answered. The next cell makes a *topic*, a named log of messages, with three
# *partitions*. A partition is the part of a topic that keeps its order. The topic's name gets an ending of its own, so that you
# can run this page as often as you like. Then one card payment is sent, as JSON text, with the card as its *key*.

# %%
topic = here.unique("txn.events")
here.create_topic(topic, partitions=3)

payment = {"txn_id": "t-1", "card_id": "card-7", "amount": 12.5, "currency": "EUR"}
producer = here.producer()
producer.produce(topic, key=payment["card_id"], value=json.dumps(payment))
waiting = producer.flush(10)
assert waiting == 0

# %% [markdown]
# `flush` waits until the broker has confirmed the message, ten seconds at most, and says how many messages still wait. There
# are none: the event is in Kafka. Read it back, and see where it lies.

# %%
(message,) = here.read_topic(topic)
print(f"partition {message.partition()}, offset {message.offset()}, key {message.key().decode()}")
print(message.value().decode())
assert message.offset() == 0
assert message.value() == json.dumps(payment).encode()

# %% [markdown]
# The *offset* is a message's place in its partition, counted from 0: this is the first one there. The *key* is what the producer
# chose the partition by, so that messages with one key stay together and in order. And the value came back byte for byte: Kafka
# stores bytes and does not look into them. A misspelt field would have been stored as gladly. That gap is what this course is about.

# %% [markdown]
# ## The chapters
#
# | chapter | lesson | lab |
# |---|---|---|
# | 03 The registry and the wire format | [read and run](ch03_registry_wire_format.ipynb), 40 minutes | [solve](../labs/ch03_registry_wire_format.ipynb), 40 minutes |

# %% [markdown]
# ## How to use a chapter
#
# 1. **The lesson** is in `notebooks/`. Read it from top to bottom and run every cell. Where it asks for a prediction, answer before
#    you run: the answer is folded until you do. Each claim is followed by an `assert`, so a cell that runs has kept its promise.
# 2. **The lab** is in `labs/`. Each task is a function with a hole. Replace the line that raises `NotImplementedError`, then run the
#    cell with the check below it. A wrong answer gets a reason, and there are three hints for each task.
# 3. **The solution** is in `solutions/`. Open it after you have passed, and compare.
#
# Your work is safe: `streamlab reset ch03` gives you a fresh lab and keeps the old one under a dated name.

# %% [markdown]
# ## When something fails
#
# Type these into a terminal, for example the one in JupyterLab (*File*, *New*, *Terminal*):
#
# | what you see | what to do |
# |---|---|
# | a cell says that nothing answers | `streamlab up` starts Kafka and the registry; then run the cell again |
# | you are not sure what is running | `streamlab status` says what runs, and where |
# | `streamlab up` fails, or the stack behaves oddly | `streamlab doctor` looks for the cause and says what to do |
# | a cell does not end | *Kernel*, *Interrupt Kernel*; then run it again |
# | nothing makes sense any more | *Kernel*, *Restart Kernel and Run All Cells*: every notebook of the course can be run again |

# %% [markdown]
# ## How to stop
#
# Save your notebooks and press Ctrl+C in the terminal that runs `make lab`. `make down` stops Kafka and the registry.
# What you solved and how far you are is kept; `make lab` brings you back.
