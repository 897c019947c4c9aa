"""Verbs with what they take: a table."""

from __future__ import annotations

from typing import NamedTuple


class Doing(NamedTuple):
    """Verbs that take the same objects. A verb is `base -s past -ing [participle]`, `_` for a blank."""

    verbs: str
    objects: str
    tenses: str
    """ROUTINE, DEED (done once) or STATE."""
    adjuncts: str
    """Kinds of adjuncts, besides time, that make sense with all of them."""


DOINGS = (
    Doing("make makes made making,cook cooks cooked cooking,prepare prepares prepared preparing,eat eats ate eating "
          "eaten,serve serves served serving,order orders ordered ordering,burn burns burned burning,share shares "
          "shared sharing,try tries tried trying,crave craves craved craving,freeze freezes froze freezing frozen",
          "food", "ROUTINE", "place companion occasion reason"),
    Doing("drink drinks drank drinking drunk,order orders ordered ordering,sip sips sipped sipping,brew brews brewed "
          "brewing,pour pours poured pouring,spill spills spilled spilling,sell sells sold selling",
          "drink", "ROUTINE", "place companion occasion reason"),
    Doing("buy buys bought buying,find finds found finding,order orders ordered ordering,borrow borrows borrowed "
          "borrowing,win wins won winning,inherit inherits inherited inheriting,get gets got getting,return returns "
          "returned returning,pick_up picks_up picked_up picking_up",
          "thing thing device clothing", "DEED", "origin shop recipient aim"),
    Doing("buy buys bought buying,sell sells sold selling,rent rents rented renting,pay_for pays_for paid_for "
          "paying_for",
          "thing device vehicle clothing", "DEED", "price shop reason"),
    Doing("lose loses lost losing,break breaks broke breaking broken,drop drops dropped dropping,forget forgets "
          "forgot forgetting forgotten,leave leaves left leaving,misplace misplaces misplaced misplacing,hide hides "
          "hid hiding hidden,bury buries buried burying", "thing clothing device", "PAST", "event"),
    Doing("own owns owned owning,need needs needed needing,have has had having,keep keeps kept keeping,want wants "
          "wanted wanting,miss misses missed missing", "thing thing device clothing", "STATE", "reason"),
    Doing("fix fixes fixed fixing,repair repairs repaired repairing,build builds built building,paint paints painted "
          "painting,clean cleans cleaned cleaning,polish polishes polished polishing,restore restores restored "
          "restoring,decorate decorates decorated decorating,draw draws drew drawing drawn,carve carves carved "
          "carving,mend mends mended mending,varnish varnishes varnished varnishing,design designs designed "
          "designing,wrap wraps wrapped wrapping,photograph photographs photographed photographing,measure measures "
          "measured measuring,take_apart takes_apart took_apart taking_apart taken_apart,assemble assembles "
          "assembled assembling,weigh weighs weighed weighing,test tests tested testing",
          "thing thing device", "DEED ROUTINE", "place companion recipient aim occasion"),
    Doing("play plays played playing,practise practises practised practising,learn learns learned learning,teach "
          "teaches taught teaching,study studies studied studying,tune tunes tuned tuning,carry carries carried "
          "carrying", "instrument", "ROUTINE", "place companion occasion"),
    Doing("play plays played playing,teach teaches taught teaching,practise practises practised practising,win_at "
          "wins_at won_at winning_at,lose_at loses_at lost_at losing_at,cheat_at cheats_at cheated_at cheating_at",
          "game", "ROUTINE", "place companion"),
    Doing("do does did doing done,practise practises practised practising,coach coaches coached coaching,watch "
          "watches watched watching,try tries tried trying,take_up takes_up took_up taking_up taken_up,give_up "
          "gives_up gave_up giving_up given_up,miss misses missed missing,teach teaches taught teaching", "sport",
          "ROUTINE", "place companion reason"),
    Doing("grow grows grew growing grown,plant plants planted planting,water waters watered watering,pick picks "
          "picked picking,sell sells sold selling,paint paints painted painting,dry dries dried drying,press presses "
          "pressed pressing,arrange arranges arranged arranging", "flowers", "ROUTINE",
          "garden companion occasion recipient"),
    Doing("keep keeps kept keeping,breed breeds bred breeding,feed feeds fed feeding,raise raises raised "
          "raising,train trains trained training,rescue rescues rescued rescuing,look_after looks_after looked_after "
          "looking_after,photograph photographs photographed photographing,watch watches watched watching,chase "
          "chases chased chasing,count counts counted counting,film films filmed filming", "animals", "ROUTINE",
          "garden companion reason"),
    Doing("read reads read reading,write writes wrote writing written,finish finishes finished finishing,translate "
          "translates translated translating,illustrate illustrates illustrated illustrating,publish publishes "
          "published publishing,edit edits edited editing,review reviews reviewed reviewing",
          "text", "DEED ROUTINE", "place companion occasion recipient"),
    Doing("watch watches watched watching,see sees saw seeing seen,make makes made making,film films filmed filming,"
          "record records recorded recording,recommend recommends recommended recommending", "show", "DEED",
          "companion place"),
    Doing("go goes went going gone,travel travels travelled travelling,drive drives drove driving driven,fly flies "
          "flew flying flown,move moves moved moving,cycle cycles cycled cycling,hitchhike hitchhikes hitchhiked "
          "hitchhiking,sail sails sailed sailing", "destination", "DEED ROUTINE", "companion why occasion"),
    Doing("walk walks walked walking,run runs ran running run,cycle cycles cycled cycling,go goes went going gone,"
          "drive drives drove driving driven,sneak_off sneaks_off sneaked_off sneaking_off,take_the_bus takes_the_bus "
          "took_the_bus taking_the_bus taken_the_bus", "errand", "ROUTINE", "companion why"),
    Doing("live lives lived living,work works worked working,study studies studied studying,rent_a_room rents_a_room "
          "rented_a_room renting_a_room,run_a_cafe runs_a_cafe ran_a_cafe running_a_cafe run_a_cafe,teach teaches "
          "taught teaching,own_a_flat owns_a_flat owned_a_flat owning_a_flat",
          "town", "STATE ROUTINE", "companion why"),
    Doing("visit visits visited visiting,explore explores explored exploring,"
          "leave leaves left leaving", "land", "DEED",
          "companion occasion"),
    Doing("meet meets met meeting,phone phones phoned phoning,help helps helped helping,teach teaches taught "
          "teaching,hire hires hired hiring,visit visits visited visiting,interview interviews interviewed "
          "interviewing,text texts texted texting,invite invites invited inviting,thank thanks thanked "
          "thanking,pick_up picks_up picked_up picking_up,argue_with argues_with argued_with arguing_with,bump_into "
          "bumps_into bumped_into bumping_into,write_to writes_to wrote_to writing_to written_to,dance_with "
          "dances_with danced_with dancing_with,tutor tutors tutored tutoring,coach coaches coached coaching,draw "
          "draws drew drawing drawn,apologise_to apologises_to apologised_to apologising_to,look_after looks_after "
          "looked_after looking_after,beat beats beat beating beaten,have_lunch_with has_lunch_with had_lunch_with "
          "having_lunch_with",
          "person", "DEED ROUTINE", "place why reason"),
    Doing("trust trusts trusted trusting,admire admires admired admiring,miss misses missed missing,avoid avoids "
          "avoided avoiding,envy envies envied envying,like likes liked liking,share_a_flat_with shares_a_flat_with "
          "shared_a_flat_with sharing_a_flat_with,work_with works_with worked_with working_with,live_next_to "
          "lives_next_to lived_next_to living_next_to", "person", "STATE", "reason"),
    Doing("study studies studied studying,learn learns learned learning,teach teaches taught teaching,fail fails "
          "failed failing,pass passes passed passing,love loves loved loving,revise revises revised revising",
          "subject", "ROUTINE", "town2 companion why"),
    Doing("speak speaks spoke speaking spoken,learn learns learned learning,teach teaches taught teaching,practise "
          "practises practised practising,understand understands understood understanding,swear_in swears_in swore_in "
          "swearing_in sworn_in,sing_in sings_in sang_in singing_in sung_in", "language", "ROUTINE",
          "companion why place"),
    Doing("wear wears wore wearing worn,iron irons ironed ironing,sew sews sewed sewing sewn,wash washes washed "
          "washing,put_on puts_on put_on putting_on,try_on tries_on tried_on trying_on,knit knits knitted "
          "knitting,dye dyes dyed dyeing,hem hems hemmed hemming", "clothing", "DEED ROUTINE",
          "occasion place recipient"),
    Doing("collect collects collected collecting,swap swaps swapped swapping,hoard hoards hoarded hoarding,trade "
          "trades traded trading,sell sells sold selling,make makes made making,paint paints painted painting,repair "
          "repairs repaired repairing,recycle recycles recycled recycling,import imports imported importing",
          "plurals", "ROUTINE", "place companion occasion"),
    Doing("drive drives drove driving driven,ride rides rode riding ridden,repair repairs repaired repairing,wash "
          "washes washed washing,park parks parked parking,rent rents rented renting,steer steers steered "
          "steering,paint paints painted painting,crash crashes crashed crashing", "vehicle", "DEED ROUTINE",
          "companion garden aim"),
    Doing("fear fears feared fearing,hate hates hated hating,love loves loved loving,dread dreads dreaded "
          "dreading,avoid avoids avoided avoiding,adore adores adored adoring,dream_about dreams_about dreamed_about "
          "dreaming_about,talk_about talks_about talked_about talking_about,worry_about worries_about worried_about "
          "worrying_about,be_crazy_about is_crazy_about was_crazy_about being_crazy_about been_crazy_about",
          "animals plurals", "STATE", "reason"),
    Doing("like likes liked liking,hate hates hated hating,prefer prefers preferred preferring,avoid avoids avoided "
          "avoiding,refuse refuses refused refusing,live_on lives_on lived_on living_on", "food drink", "STATE",
          "reason"),
    Doing("do does did doing done,forget forgets forgot forgetting forgotten,put_off puts_off put_off "
          "putting_off,finish finishes finished finishing,hate_doing hates_doing hated_doing "
          "hating_doing,take_care_of takes_care_of took_care_of taking_care_of taken_care_of", "chore", "ROUTINE",
          "companion reason"),
    Doing("attend attends attended attending,miss misses missed missing,plan plans planned planning,organise "
          "organises organised organising,host hosts hosted hosting,cancel cancels cancelled cancelling,"
          "leave leaves left leaving,go_to goes_to went_to going_to gone_to", "event", "DEED",
          "town2 companion reason"),
    Doing("paint paints painted painting,clean cleans cleaned cleaning,tidy tidies tidied tidying,redecorate "
          "redecorates redecorated redecorating,sweep sweeps swept sweeping,measure measures measured "
          "measuring,insulate insulates insulated insulating,flood floods flooded flooding,air airs aired "
          "airing,furnish furnishes furnished furnishing,lock locks locked locking", "room", "DEED ROUTINE",
          "companion occasion reason"),
    Doing("nap naps napped napping,sing sings sang singing sung,read reads read reading,meditate meditates meditated "
          "meditating,smoke smokes smoked smoking,cry cries cried crying,whistle whistles whistled whistling,work "
          "works worked working,dance dances danced dancing,exercise exercises exercised exercising,stretch "
          "stretches stretched stretching,eat eats ate eating eaten,sleep sleeps slept sleeping", "spot", "ROUTINE",
          "companion2 why reason"),
    Doing("enjoy enjoys enjoyed enjoying,take_up takes_up took_up taking_up taken_up,give_up gives_up gave_up "
          "giving_up given_up,miss misses missed missing,love loves loved loving,be_obsessed_with is_obsessed_with "
          "was_obsessed_with being_obsessed_with been_obsessed_with,be_good_at is_good_at was_good_at being_good_at "
          "been_good_at", "hobby", "STATE DEED", "reason"),
    Doing("work_as works_as worked_as working_as,train_as trains_as trained_as training_as,moonlight_as "
          "moonlights_as moonlighted_as moonlighting_as", "job", "ROUTINE", "town2 companion2 why"),
    Doing("sleep sleeps slept sleeping,walk walks walked walking,work works worked working,train trains trained "
          "training,travel travels travelled travelling,swim swims swam swimming swum,queue queues queued "
          "queuing,practise practises practised practising,wait waits waited waiting", "span", "ROUTINE2",
          "why companion2"),
)  # fmt: skip
PET_DOINGS = (
    Doing("chew_on chews_on chewed_on chewing_on,hide hides hid hiding hidden,steal steals stole stealing "
          "stolen,bury buries buried burying,knock_over knocks_over knocked_over knocking_over,drag_around "
          "drags_around dragged_around dragging_around,lick licks licked licking,guard guards guarded "
          "guarding,sit_on sits_on sat_on sitting_on,attack attacks attacked attacking,fall_into falls_into "
          "fell_into falling_into fallen_into",
          "thing clothing device", "ROUTINE", "spot why2"),
    Doing("chase chases chased chasing,hate hates hated hating,watch watches watched watching,bark_at barks_at "
          "barked_at barking_at,follow follows followed following,fear fears feared fearing", "animals person",
          "ROUTINE", "garden"),
    Doing("steal steals stole stealing stolen,love loves loved loving,beg_for begs_for begged_for begging_for,eat "
          "eats ate eating eaten,refuse refuses refused refusing", "food", "ROUTINE", "spot companion2"),
    Doing("sleep sleeps slept sleeping,hide hides hid hiding hidden,sulk sulks sulked sulking,snore snores snored "
          "snoring,wait waits waited waiting", "spot", "ROUTINE", "companion2 why2"),
)  # fmt: skip
