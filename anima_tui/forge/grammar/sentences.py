"""Set sentences with a gap: a table."""

from __future__ import annotations

PATTERNS = (
    # source | statements | questions | indirect question | short answer
    "NAME|my <pet> is called {x}/i have a <adj> <pet> called {x}/{x} is my <pet>/my <pet>'s name is {x}|what is "
    "my <pet> called/what's the name of my <pet>/what do i call my <pet>|what my <pet> is called|{x}",
    "NAME|we call our <noun> {x}/{x} is what we call our <noun>/our <noun> goes by {x}|what do we call our "
    "<noun>/what's our <noun> called/does our <noun> have a name, which one|what we call our <noun>|{x}",
    "<pet>|the pet i keep is a little {x}/i keep a little {x} as a pet|what pet do i have/what kind of animal do "
    "i keep/what is my pet|what pet i have|a little {x}",
    "NAME|my two <pet>s are {x} and <name>/{x} and <name> are my two <pet>s|i have a <pet> called <name>, what's "
    "the other one called/who is my other <pet> besides <name>|what the <pet> besides <name> is called|{x}",
    "NAME|our <pet>s are <name> and {x}/we have two <pet>s, <name> and {x}|which <pet> do we have besides "
    "<name>/what is the other <pet> called, not <name>|what the <pet> besides <name> is called|{x}",
    "color|my <thing> has a {x} <part>/the <part> of my <thing> is {x}|what colour is the <part> of my "
    "<thing>/which colour is my <thing>'s <part>|what colour the <part> of my <thing> is|{x}",
    "color|we painted the <room> {x}/the <room> is {x} now, we painted it|what colour did we paint the "
    "<room>/what colour is the <room>|what colour we painted the <room>|{x}",
    "color|my <relation> <name> has {x} hair/<name>, my <relation>, dyed all that hair {x}|what colour is "
    "<name>'s hair/what hair colour does my <relation> have|what colour <name>'s hair is|{x}",
    "number|i have {x} <things> at home/there are {x} <things> in my home|how many <things> do i have/how many "
    "<things> are in my home/do you know the number of <things> i have|how many <things> i have|{x}",
    "number|my <thing> has {x} <part>s/there are {x} <part>s on my <thing>|how many <part>s does my <thing> "
    "have/how many <part>s are on my <thing>|how many <part>s my <thing> has|{x}",
    "number|there are {x} people in my <noun> club/my <noun> club has {x} members|how many people are in my "
    "<noun> club/how big is my <noun> club|how many people are in my <noun> club|{x}",
    "age|my <relation> <name> is {x} years old/<name>, my <relation>, turned {x} last week|how old is <name>/how "
    "old is my <relation>/what age is my <relation> <name>|how old my <relation> is|{x}",
    "<weekday>|my <event> is on {x}/i have a <adj> <event> on {x}/on {x} it's time for my <event>|when is my "
    "<event>/what day is my <event>/which day of the week is the <event>|when my <event> is|on {x}",
    "month|the <event> is in {x}/we're having the <event> in {x}|when is the <event>/which month is the <event> "
    "in/in what month do we have the <event>|when the <event> is|in {x}",
    "soon|the <event> with <name> is {x}/<name> and i have a <event> {x}|when is the <event> with <name>/when do "
    "i have that <event>|when the <event> with <name> is|{x}",
    "city|i got my <thing> in {x}/my <thing> comes from {x}|where did i get my <thing>/where is my <thing> "
    "from/where does my <thing> come from|where my <thing> is from|{x}",
    "country|my <relation> <name> comes from {x}/<name>, my <relation>, was born in {x}|where does <name> come "
    "from/what country is my <relation> from/where was my <relation> born|where my <relation> comes from|{x}",
    "city|my <relation> lives in {x} with a <job> called <name>/in {x} my <relation> shares a flat with "
    "<name>|where does my <relation> live/which city is my <relation> in|where my <relation> lives|in {x}",
    "place|i left my <thing> near {x}/my <thing> got left near {x}|where did i leave my <thing>/where is my "
    "<thing>|where i left my <thing>|near {x}",
    "room|i keep my <things> in the {x}/my <things> are in the {x}|where do i keep my <things>/which room are my "
    "<things> in|where i keep my <things>|in the {x}",
    "NAME|{x} taught me <skill>/i learned <skill> from {x}|who taught me <skill>/who did i learn <skill> from/who "
    "showed me how <skill>|who taught me <skill>|{x}",
    "NAME|my <relation> {x} taught me <skill>/it was my <relation> {x} who taught me <skill>|who taught me "
    "<skill>/who showed me how <skill>|who taught me <skill>|my <relation> {x}",
    "<skill>|<name> taught me {x}/my friend <name> showed me how {x}|what did <name> teach me/what did i learn "
    "from <name>|what <name> taught me|{x}",
    "NAME|{x} gave me this <thing>/i got this <thing> from {x}/this <thing> was a present from {x}|who gave me "
    "the <thing>/who is the <thing> from/who did i get the <thing> from|who gave me the <thing>|{x}",
    "<athing>|<name> gave me {x} for my birthday/for my birthday i got {x} from <name>|what did <name> give "
    "me/what did i get for my birthday/what was <name>'s present|what <name> gave me|{x}",
    "NAME|{x} broke my <thing>/my <thing> is broken because of {x}|who broke my <thing>/whose fault is it that my "
    "<thing> is broken/who ruined my <thing>|who broke my <thing>|{x}",
    "<cause>|i was late because {x}/the reason i was late is that {x}|why was i late/what made me late|why i was "
    "late|because {x}",
    "<cause>|my <relation> is cross because {x}/because {x}, my <relation> is cross with everyone|why is my "
    "<relation> cross/what made my <relation> angry|why my <relation> is cross|because {x}",
    "<price>|my <thing> cost {x}/i paid {x} for my <thing>/the <thing> set me back {x}|how much did my <thing> "
    "cost/what did i pay for the <thing>/what was the price of my <thing>|how much my <thing> cost|{x}",
    "<price>|i owe <name> {x}/<name> lent me {x} and wants it back|how much do i owe <name>/how much money did i "
    "borrow from <name>|how much i owe <name>|{x}",
    "NAME|i owe {x} <price>/{x} lent me <price>|who do i owe money to/who lent me money/who did i borrow money "
    "from|who lent me money|{x}",
    "<duration>|the drive to <city> takes me {x}/i need {x} to get to <city>|how long does it take me to get to "
    "<city>/how long is the drive to <city>|how long it takes me to get to <city>|{x}",
    "<duration>|my <relation> was in hospital for {x}/for {x} my <relation> was in hospital|how long was my "
    "<relation> in hospital|how long my <relation> was in hospital|for {x}",
    "NAME|my <relation> married a <job> called {x}/a <job> called {x} married my <relation>|who did my <relation> "
    "marry/who is my <relation> married to/what is the <job> called that my <relation> married|who my <relation> "
    "married|{x}",
    "NAME|the <job> i always go to is called {x}/i only ever go to one <job>, {x}|which <job> do i go to/what is "
    "my <job> called/who is my <job>|which <job> i go to|{x}",
    "job|my <relation> <name> is a retired {x}/<name>, my <relation>, used to be a good {x}|what did my "
    "<relation> do for a living/what was <name>'s job/what did <name> work as|what my <relation> worked as|a "
    "retired {x}",
    "job|when i was small i wanted to be a famous {x}/as a child i dreamed of being a famous {x}|what did i want "
    "to be when i was little/what job did i dream of as a kid|what i wanted to be when i was small|a famous {x}",
    "<animal>|i'm scared of every single {x}/every single {x} frightens me|what am i afraid of/which animal "
    "frightens me/what scares me|what i am afraid of|every single {x}",
    "food|i'm allergic to {x}/{x} brings me out in spots|what am i allergic to/what must i not eat/which food is "
    "bad for me|what i am allergic to|{x}",
    "food|my <relation> <name> can't stand {x}/{x} makes my <relation> <name> sick|what can't <name> stand/which "
    "food does my <relation> hate|what my <relation> can't stand|{x}",
    "bodypart|i hurt my {x} when the <noun> fell over/my {x} hurts since the <noun> fell on me|what did i "
    "hurt/where does it hurt/which part of me did the <noun> hurt|what i hurt|my {x}",
    "illness|my <relation> <name> is in bed with {x}/<name>, my <relation>, has {x}|what's wrong with <name>/what "
    "does my <relation> have/what is my <relation> ill with|what is wrong with my <relation>|{x}",
    "NAME|the band i play in with <name> is called {x}/i play in a band called {x} with <name>|what's my band "
    "called/what is the name of my band|what my band is called|{x}",
    "instrument|in our band <name> plays the {x}/<name> is on the {x} in our band|what does <name> play/which "
    "instrument does <name> play in our band|what <name> plays in my band|the {x}",
    "NAME|in our band {x} plays the <instrument>/{x} is on the <instrument> in our band|who plays the "
    "<instrument>/who is on the <instrument> in our band|who plays the <instrument> in my band|{x}",
    "<athing>|i want to get <name> {x} for <holiday>/{x}, that's what i want to get <name> for <holiday>|what do "
    "i want to get <name>/what present am i planning for <name>|what i want to get <name>|{x}",
    "NAME|the <thing> i found belongs to {x}/i found a <thing> and it turned out to be from {x}|who does the "
    "thing i found belong to/whose thing did i find|whose thing i found|{x}",
    "food|the last thing i ate was {x}/i ate {x} and nothing since|what did i eat last/what was the last thing i "
    "had|what i ate last|{x}",
    "NAME|my <relation>'s name is {x}/i have a <relation> and the name is {x}/{x} is my <relation>|what is my "
    "<relation>'s name/what is my <relation> called/who is my <relation>|what my <relation> is called|{x}",
    "NAME|my <relation> moved in with {x}/{x} lives with my <relation> now|who does my <relation> live with/who "
    "did my <relation> move in with|who my <relation> lives with|{x}",
    "<weekday>|the <job> comes on {x}/on {x} the <job> is coming|what day does the <job> come/when is the <job> "
    "coming|when the <job> comes|on {x}",
    "<code>|my seat is number {x}/i sit on seat {x} at the concert|which seat is mine/what's my seat number|which "
    "seat is mine|{x}",
    "<code>|i wait for bus {x} every morning/bus {x} takes me to work|which bus do i take/what number is my "
    "bus/which bus goes to my work|which bus i take|bus {x}",
    "<pair>|our two <pet>s are called {x}/we named our two <pet>s {x}|what are our two <pet>s called/what did we "
    "name the <pet>s|what our two <pet>s are called|{x}",
    "<pair>|my <relation> has two kids, {x}/{x} are the kids of my <relation>|what are my <relation>'s kids "
    "called/who are my <relation>'s children|what my <relation>'s kids are called|{x}",
    "<pair>|i share a desk with {x} at work/at work i share a desk with {x}|who do i share a desk with/who sits "
    "at my desk with me|who i share a desk with|{x}",
    "NAME|my <relation> has two kids, {x} and <name>/<name> and {x} are the kids of my <relation>|what's my "
    "<relation>'s other kid called, besides <name>/who is <name>'s brother or sister|who is <name>'s brother or "
    "sister|{x}",
    "NAME|i bought this <thing> off a <job> called {x}/a <job> called {x} sold me this <thing>|who sold me the "
    "<thing>/who did i get the <thing> from/what was the <job> called who sold me the <thing>|who sold me the "
    "<thing>|{x}",
    "<things>|my <relation> <name> has a cellar full of {x}/{x} fill the whole cellar of my <relation> "
    "<name>|what is my <relation>'s cellar full of/what does <name> have in the cellar|what my <relation>'s "
    "cellar is full of|{x}",
    "<things>|i get nervous around {x}/{x} make me nervous|what makes me nervous/what do i get nervous "
    "around|what makes me nervous|{x}",
    "NAME|my <relation> named the <pet> {x} after a <job>/the <pet> of my <relation> is named {x} after a "
    "<job>|what is the name of my <relation>'s <pet>/what's my <relation>'s <pet> called|what my <relation>'s "
    "<pet> is called|{x}",
    "month|i got married to <name> in {x}/in {x} i got married to <name>|when did i get married/in which month "
    "did <name> and i marry|when i got married|in {x}",
    "city|i got married to <name> in {x}/our wedding was in {x}, <name> cried|where did i get "
    "married/where was my wedding/in what city did <name> and i marry|where i got married|in {x}",
    "NAME|i got married to {x} in <city>/{x} and i had our wedding in <city>|who did i marry/who am i married "
    "to/whom did i get married to|who i got married to|{x}",
    "<skill>|my new year's resolution is {x}/this year i finally want {x}|what is my new year's resolution/what "
    "do i want to manage this year|what my new year's resolution is|{x}",
    "<hour>|i get up at {x}/my alarm rings at {x}|when do i get up/at what time does my alarm ring/what time do i "
    "wake up|when i get up|at {x}",
    "<hour>|my favourite <shop> opens at {x} sharp/at {x} my favourite <shop> opens|what time does my favourite "
    "<shop> open/when can i go to my favourite <shop>|what time my favourite <shop> opens|at {x}",
    "NAME|{x} cuts my hair/i get my hair cut by {x}|who cuts my hair/who does my hair/who is my hairdresser|who "
    "cuts my hair|{x}",
    "NAME|{x} waters my plants when i'm in <city>/when i'm in <city>, {x} waters my plants|who waters my "
    "plants/who looks after my plants when i'm away|who waters my plants|{x}",
    "object|our team's mascot is a wooden {x}/a wooden {x} is our team's mascot|what is our team's mascot/which "
    "mascot do we have|what our team's mascot is|a wooden {x}",
    "number|my <relation> has {x} <pet>s/{x} <pet>s live with my <relation>|how many <pet>s does my <relation> "
    "have/how many <pet>s live with my <relation>|how many <pet>s my <relation> has|{x}",
    "age|i was {x} when i learned <skill>/at {x} i learned <skill>|how old was i when i learned <skill>/at what "
    "age did i learn <skill>|how old i was when i learned <skill>|{x}",
    "NAME|{x} is the best cook i know/nobody cooks like {x}|who is the best cook i know/who cooks best|who the "
    "best cook i know is|{x}",
    "NAME|i named my <thing> {x}, after my <relation>/my <thing> is named {x}, after my <relation>|what did i "
    "name my <thing>/what's my <thing> called|what i named my <thing>|{x}",
    "family|i named my <thing> <name>, after my {x}/my <thing> is called <name>, after my {x}|who did i name my "
    "<thing> after/who is my <thing> named after|who i named my <thing> after|my {x}",
)  # fmt: skip
