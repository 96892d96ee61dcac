"""Lessons: every sentence and label of the tab Learn, in English, a section a step; `{name}` is filled in there."""

# the frame
STEP = "Step"
BACK = "Back"
NEXT = "Next"
TITLE = "{step} · {title}"
TITLES = (
    "Songs are words",
    "The window",
    "A song's vector",
    "Like it, or next?",
    "Popularity is hard to beat",
    "Where to go on",
)
NO_PLAYLISTS = "The lessons look at the playlists that a run learnt from, and in this run there are none to look at."

# 1 Songs are words
WORDS = """
A language model never sees letters: a text reaches it as **tokens**, each one a number. Chapter 2 of *Hands-On Large
Language Models* takes that idea to music. Let a song be a word and a playlist a sentence, and what learns from text
can learn from radio.

| in a text | here | in this run |
|:--|:--|--:|
| tokens | songs played, by their ids | {plays} |
| vocabulary | different songs | {songs} |
| sentences | playlists | {playlists} |

A song is known by its company, so a playlist of one song teaches nothing: {together} playlists have two songs or
more. Titles, artists and tags are for you to read; a model of the playlists is given the ids and nothing else.
"""
SENTENCE = "**A sentence of {n} words**"
ANOTHER = "Another playlist"
WORD = "{place}. **{title}** · {artist} :small[:gray[id {id}, {plays} plays]]"
TOKENS = "What a model is given of it:"

# 2 The window
WINDOW = """
What does a song mean? Word2Vec says: look at **the company it keeps**. A window moves over each playlist, and the
song in its middle is paired with every other song inside. These pairs are all that there is to learn from.

- **Skip-gram**: from the song in the middle, guess each neighbour, one pair at a time.
- **CBOW**: from the mean of the neighbours, guess the song in the middle.

The book's recipe has a window of 20 and leaves the rest to gensim, whose default is CBOW (`sg=0`) and which
shortens the window at random for each song. `song2vec` here is skip-gram (`sg=1`) with the whole window, unless told
otherwise. `spectral` counts the same pairs and weighs near ones more.
"""
WINDOW_DIAL = "Window: songs on either side"
MIDDLE_DIAL = "The song in the middle"
IN_THE_MIDDLE = "{place}. ▶ **{title}** · {artist} :small[:gray[id {id}]]"
IN_THE_WINDOW = "{place}. \\+ {title} · {artist} :small[:gray[id {id}]]"
OUTSIDE = "{place}. :gray[{title} · {artist}] :small[:gray[id {id}]]"
PAIRS = "Pairs with the song in the middle: {pairs}"
PAIR = "`{song}→{neighbour}`"
COUNTS = (
    "That is **{here}** for this song, {playlist} with each of these songs in the middle, "
    "and **{all}** in all {playlists} playlists."
)
PARAMETERS = ":small[This run's {model} has {parameters}.]"
PARAMETER = "`{name}={value}`"

# 3 A song's vector
VECTOR = """
A song's **vector** is {dim} numbers. {origin}

No single number means anything that has a name. What counts is the direction that they give together, and two songs
share it more or less:

$$\\cos(a, b) = \\frac{{a \\cdot b}}{{|a|\\,|b|}}$$

Multiply number by number, add up, and divide by both lengths. 1 is the same direction, 0 is none in common, and
below 0 they point apart.

Turn down how many numbers count: with a few, many songs look alike; more of them tell songs apart.
"""
ORIGINS = {
    "song2vec": "Whenever two songs are a pair, training nudges their numbers so that it would guess the pair better.",
    "spectral": "`spectral` does not train: it counts how much oftener than by chance two songs are a pair, and solves "
    "for the numbers whose products come nearest to that. The first of them tell the most.",
}
SONG = "Song"
OFFERED = "Songs of your playlist come first, then others from the most played to the least."
OTHER = "Compare with"
NEAREST = "The first {n} are nearest to it, all numbers counted."
NAMED = "{title} · {artist} ({id})"
NUMBERS_DIAL = "How many of the numbers count"
BARS_OF = "**{title}** · {artist}"
PRODUCTS = "**Multiplied**, number by number: above 0 where both have the same sign"
THE_PRODUCTS = "the products"
STRIP = "{shown} numbers of {name} as bars above and below 0, from {least:.2f} to {most:.2f}."
SHOWN = ":small[The bars are the first {shown} of {n} numbers; below, all {n} count.]"
TERM = "({one:.2f} × {other:.2f})"
PLUS = " + "
AND_SO_ON = " + …"
WORKED = """a · b = {terms} = {dot:.3f}
|a| = {one:.3f},  |b| = {other:.3f}
cos(a, b) = {dot:.3f} / ({one:.3f} × {other:.3f}) = {value:.3f}"""

# vectors that the run has not
LENT = "{model} is not made of input and output vectors: those of {lent} are shown, learnt from the same playlists."
FITTING = "Finding vectors for the songs …"
TOO_LARGE = (
    "{model} is not made of song vectors, and finding some for {songs} songs would take half a minute or more. The "
    "other steps work with this run; for this one, open a run that has them:"
)
TRAIN = "recommender train DATASET runs/vectors --model spectral\nrecommender app runs/vectors"
NONE_KNOWN = "No song of this run was ever played beside another, so none has a vector to look at."

# 4 Like it, or next?
QUESTIONS = """
There are in fact **two** vectors a song: an *input* vector for when it is in the middle of the window, and an *output*
vector for when it is a neighbour. So one model can be asked two questions.

**What is it like?** The cosine of two input vectors. It is high where the same songs are played around both: they
play the same role, and need never have met. *Tea* and *coffee* are alike in this way.

**What comes next?** The input vector of one times the output vector of the other. This is what learning drove up where
the other was played near the one. After *a cup of* comes *tea*.

gensim's `most_similar`, which the book's recipe calls, asks the first. On this page **Is like it**, and the dial
*Variety*, use the cosine; **Comes next** asks the run's model what follows, whatever the model is.
"""
NOISE = (
    ":small[To the product song2vec adds {weight:g} of the log of how often it drew a song as noise, so that hits come "
    "earlier.]"
)
LIKE = "Is like it"
LIKE_HOW = "cosine of input vectors"
COMES_NEXT = "Comes next"
COMES_NEXT_HOW = "input · output"
LIST = "**{title}** :small[:gray[{how}]]"
NEAR, NEAR_ONE = "{n:,} playlists", "1 playlist"
ANSWER = "{place}. **{title}** · {artist}  \n    :small[:gray[{score:.2f} · {plays} plays · near it in {near}]]"
SUMMARY = ":small[{both} of {k} songs are in both lists. Near: within {window} places, in a playlist learnt from.]"

# 5 Popularity is hard to beat
POPULARITY = """
Radio plays few songs often and most songs rarely. So the plainest recommender of all, *the hits, whatever came
before*, is right more often than it deserves, and a list that looks sensible is no proof of being better. On
Cornell's radio the book's recipe finds one or two more next songs in a hundred than popularity does (`README.md`, *How
well it does*).
"""
TOP_DIAL = "So many of the most played songs"
TOP = "The **{top}** most played of {songs} songs have **{share:.1%}** of the plays; were all played alike, {even:.1%}."
CURVE_X = "the most played songs"
CURVE_Y = "share of the plays"
CURVE = (
    "A rising curve: the most played song has {one:.1%} of the plays, the top 10 {ten:.1%}, the top 100 {hundred:.1%}."
)
SERIES = ("as played", "all alike")
MEASURED = "**{metric}** on {queries} questions from {playlists} playlists that neither had seen:"
ITEM = "- {text}"
RATE = "{name} **{mean:.3f}** (95 % interval {low:.3f} to {high:.3f})"
RATES = "A dot for each of the models above, with its interval as a line."
NO_METRICS = (
    "No playlists were kept aside from this run, so it was never measured: `--hold-out 0.1` when it is trained."
)
QUIZ = "**Guess the next song**"
KIND = "The wrong choices are drawn from"
KINDS = {"all": "all songs alike", "plays": "songs as often as played"}
NO_QUESTION = "There is nothing to ask: too few songs were played."
QUIZ_HOW = "A playlist went like this. Which of these {n} songs came next?"
HEARD = "- {title} · {artist}"
SAID = "{title} · {artist}"
GUESS = "{title} · {artist} :small[({plays} plays)]"
RIGHT = "Right: **{answer}**"
WRONG = "No, it was **{answer}**, and you said {guess}."
OTHERS = "- Popularity said {popularity}\n- {name} said {model}"
AGAIN = "Next question"
TALLY = "| of {asked} | you | popularity | {name} |\n|:--|--:|--:|--:|\n| right | {you} | {popularity} | {model} |"
FAIR = (
    ":small[A game and no measurement: {model} has learnt from these very playlists, and memory looks like skill; and "
    "one of four is far easier than one of {songs}. Draw the wrong choices as often as they are played, as the true "
    "one is, and popularity is left with luck. Whoever chooses them chooses the winner, so models are compared over "
    "all songs, on playlists that they have not seen "
    "([Krichene & Rendle 2020](https://doi.org/10.1145/3394486.3403226)).]"
)

# 6 Where to go on
NOTEBOOKS = """
**In a checkout of this project**

- `notebooks/01_playlists.ipynb` looks at the playlists before any model: plays, repeats, what order is worth.
- `notebooks/02_songs.ipynb` does the book's example, draws a map of the songs and measures both questions.
- `README.md` compares the models, with intervals (*How well it does*); `.github/RESULTS.md` has the rest.
"""
TRY = "**To try** in a terminal: the book's recipe, what it finds alike, and how it does"
COMMANDS = """recommender train DATASET runs/book --model book --hold-out 0.1
recommender similar runs/book SONG
recommender evaluate DATASET --models popularity,book,song2vec"""
READ = """
**To read** (links open only when clicked)

- J. Alammar, M. Grootendorst 2024: *Hands-On Large Language Models*, chapter 2, where this began
- T. Mikolov and others 2013, Word2Vec with negative sampling: [arXiv 1310.4546](https://arxiv.org/abs/1310.4546)
- O. Levy, Y. Goldberg, I. Dagan 2015, what of it is the algorithm and what its dials:
  [doi 10.1162/tacl_a_00134](https://doi.org/10.1162/tacl_a_00134)
- S. Chen and others 2012, the radio playlists, and songs as points:
  [doi 10.1145/2339530.2339643](https://doi.org/10.1145/2339530.2339643)
- H. Caselles-Dupré and others 2018, why the dials of Word2Vec differ for songs:
  [arXiv 1804.04212](https://arxiv.org/abs/1804.04212)
- W. Krichene, S. Rendle 2020, why to rank the whole catalogue:
  [doi 10.1145/3394486.3403226](https://doi.org/10.1145/3394486.3403226)
"""
DONE = "Now with your own songs"
EVERYONE = ":small[The numbers of this tour are of one run: {summary}.]"
