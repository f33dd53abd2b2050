"""The word lists of the mini corpus: everyday English, with every sound of it.

Written for this project. A noun or verb with irregular inflection is listed with its forms:
`knife/knives`, `carry/carried/carrying`. The lists are long because a small vocabulary would teach
an attention to jump from word to word. They favor sounds that are rare in English (the ZH of
"measure", the OY of "coin"), which a short corpus would otherwise hardly have.
"""

__all__ = ["WORDS"]

# Words and phrases are separated by spaces; an underscore is a space within a phrase.
_LISTS = {
    "name": """
        Adam Alice Amy Andrew Anna Arthur Barbara Ben Betty Bob Brian Bruce Carla Caroline Chloe
        Claire Craig Daisy Daniel Dave Deborah Diana Doug Edith Edward Elliot Emily Eric Ethan
        Fiona Floyd Frank Fred George Gina Grace Gus Hannah Harvey Heather Helen Howard Hugh Ian
        Ivy Jack James Jane Jasmine Jeff Jenny Joan Joel Joyce Judith Julia Kate Keith Kevin
        Kyle Laura Leo Lewis Linda Lucy Luke Maggie Mark Martha Matthew Max Megan Michael Molly
        Nancy Nathan Neil Nigel Nora Oliver Oscar Owen Patrick Paul Phoebe Quentin Rachel Ralph
        Roger Rose Roy Ruth Ryan Sally Samuel Sarah Scott Seth Sharon Simon Sophie Steve Stuart
        Susan Theo Thomas Tony Tracy Troy Ursula Vicky Victor Walter Wendy Yolanda Yvonne Zach
        Zoe
    """,
    "person": """
        accountant actor adviser ambassador aunt author baker banker barber boss boy bricklayer
        brother builder butcher captain carpenter cashier chef chemist clerk clown coach colonel
        composer cousin customer daughter dentist designer detective doctor driver electrician
        employer engineer explorer farmer father firefighter fisherman/fishermen florist fool
        gardener girl governor grandfather grandmother guard guest guide hairdresser hunter
        husband janitor jeweler jockey judge juggler king landlord lawyer lecturer librarian
        lifeguard magician mayor mechanic merchant miner mother musician neighbor nephew niece
        nurse officer optician orphan painter passenger pharmacist photographer physician
        pianist pilot pirate plumber poet policeman/policemen postman/postmen priest prince
        princess principal producer professor psychologist queen referee reporter sailor scholar
        scientist sculptor secretary servant shepherd shopkeeper singer sister soldier soprano
        spy stranger student surgeon surveyor swimmer tailor teacher thief/thieves tourist
        toymaker translator treasurer uncle usher veteran viewer violinist visitor voyager
        waiter watchman/watchmen weaver widow witch witness woman/women wrestler writer
    """,
    "animal": """
        ant badger bat bear beaver bee beetle bird buffalo bull butterfly camel canary cat
        chicken chimpanzee cow coyote crab cricket crocodile crow deer/deer dog dolphin donkey
        dove duck eagle elephant ferret finch fish/fish flamingo fly fox frog gazelle giraffe
        goat goose/geese gorilla grasshopper gull hamster hawk hedgehog heron horse hound hyena
        jaguar jellyfish/jellyfish kangaroo kitten lamb leopard lion lizard lobster lynx magpie
        mole monkey moose/moose moth mouse/mice mule ostrich otter owl ox/oxen oyster panda
        panther parrot peacock pelican penguin pig pigeon pony porcupine puppy rabbit raccoon
        raven reindeer/reindeer rhino rooster salmon/salmon seal shark sheep/sheep skunk snail
        snake sparrow spider squid/squid squirrel swan tiger toad tortoise turkey turtle vulture
        walrus wasp weasel whale wolf/wolves worm zebra
    """,
    "thing": """
        album anchor arrow axe backpack badge bag ball balloon bandage banner barrel basket
        bathtub battery bead bell belt bench bicycle blanket board bolt book bottle bowl box
        bracelet brick bridge broom brush bucket buckle bulb cabinet calendar camera candle
        canoe card carpet cart chain chair chalk chart chess_set clock cloth coin collage comb
        computer cord couch cradle crate crown crutch cup curtain cushion desk diary dictionary
        dish doll doorknob drawer drill drum earring engine envelope fan feather fence fiddle
        flag flashlight flute fork fountain frame funnel garage_door gate globe glove goggle
        guitar hammer hammock handkerchief harp hat helmet hinge hook horn hose instrument iron
        jacket jar jewel jigsaw_puzzle keg kettle key keyboard kite knife/knives ladder lamp
        lantern leash lens letter lighthouse_model lock locket loom magazine magnet map marble
        mask mat match mattress measuring_tape medal microphone microscope mirror mixer mop
        mosaic motor mug nail napkin necklace needle net newspaper notebook oar package paddle
        paintbrush pan parachute parcel pearl pedal pencil piano picture pillow pin pipe pistol
        pitcher plank plate plow pole poster pot pouch projector pulley pump purse quilt racket
        radio rake raft razor receipt record refrigerator ring robe rocket rope rouge_box
        rowboat rug ruler saddle sail saw saxophone scarf/scarves scissors_case screw sculpture
        sewing_machine shawl sheet shelf/shelves shield shirt shoe shovel shutter sieve sign
        sketch sled sleeve sock sofa spade sponge spoon spring stamp statue stereo stick stool
        stove suitcase sweater switch sword table tank telephone telescope television tent
        thermometer ticket tire toaster tool toothbrush torch towel toy tractor trap tray
        treasure_chest tripod trombone trophy trumpet tube turbine typewriter umbrella uniform
        vacuum_cleaner valve vase vest video violin wagon wallet watch wheel wheelbarrow whistle
        wig window wire wreath yarn_basket zipper
    """,
    "food": """
        almond apple apricot artichoke asparagus_soup bacon bagel banana barley_stew bean beef
        beet berry biscuit boiled_egg bread broccoli broth bun butter cabbage cake candy carrot
        cashew cauliflower celery cereal cheese cherry chestnut chili chocolate chowder
        cider_vinegar cinnamon_roll clam coconut cookie corn cracker cranberry cream cucumber
        curry custard dessert doughnut dumpling eggplant fig fudge garlic ginger grape
        grapefruit gravy ham hamburger hazelnut honey jam jelly juice kale ketchup lasagna leek
        lemon lentil lettuce lime lobster_roll macaroni mango maple_syrup marmalade meatball
        melon milk mushroom mustard noodle nut oatmeal olive omelet onion orange pancake papaya
        pasta peach peanut pear pea pecan pepper pickle pie pineapple pizza plum popcorn pork
        porridge potato_salad pretzel pudding pumpkin radish raisin raspberry ravioli rhubarb
        rice roast_beef salad salmon sandwich sausage seafood sherbet shrimp soup soybean
        spaghetti spinach squash steak stew strawberry sugar syrup tangerine toast tofu
        tomato_sauce tuna turnip vanilla_yogurt veal vegetable waffle walnut watermelon wheat
        yogurt yolk zucchini
    """,
    "place": """
        academy airport alley apartment arena avenue bakery balcony bank barn basement bay
        bazaar beach bedroom boulevard brewery brook bungalow cabin cafe camp canal canyon
        capital castle cathedral cave ceiling cellar cemetery chapel church cinema city clearing
        cliff clinic coast college corner corridor cottage countryside court courtyard cove
        crossroads dairy dam desert dock doorway embassy entrance estate exhibition factory farm
        ferry field forest fort fountain gallery garage garden glacier greenhouse gulf gym
        hallway harbor highway hill hospital hotel house hut igloo inn island jail jungle
        junction kitchen laboratory lagoon lake laundry lawn library lighthouse lobby lounge
        mall mansion market marsh meadow mill mine monastery monument mosque motel mountain
        museum nursery oasis observatory ocean office orchard palace park pasture path pavilion
        peninsula pharmacy pier plaza pool port prairie prison pub quarry railway ranch
        reservoir resort restaurant river road roof ruin school seaside shed shop shore shower
        sidewalk stable stadium stage station store stream street studio suburb subway
        supermarket swamp temple terrace theater tower town trail tunnel university valley vault
        village vineyard warehouse waterfall well wharf windmill woods workshop yard
        youth_hostel zoo
    """,
    "topic": """
        accident account achievement adventure advice agreement ambition anger answer apology
        argument arrangement article attitude authority award balance bargain behavior belief
        benefit birthday budget business campaign career cause celebration challenge chance
        change childhood choice climate closure collision comfort competition complaint concert
        conclusion condition confusion conversation courage crime culture curiosity custom
        danger deadline death debate decision defeat delay delusion democracy detail difference
        difficulty discovery disease diversion division divorce doubt dream drought economy
        education effort election emergency emotion energy envy erosion error event evidence
        exam example excursion excuse exercise expense experience experiment explosion exposure
        failure faith fame fashion fear festival film fire freedom friendship fusion future
        gossip growth guilt habit happiness harvest health history hobby holiday honor hope
        humor hunger idea illness illusion imagination income influence injury insurance
        intrusion invasion invention investment job joke journey joy judgment justice kindness
        knowledge language laughter law leadership leisure lesson liberty life literature loss
        love loyalty luck magic marriage massage mathematics meaning measure medicine meeting
        memory message method mirage mistake money mood motion movement murder music mystery
        myth nature noise novel obstacle occasion offer opinion opportunity order origin pain
        paradise passion past patience peace performance philosophy physics plan pleasure poetry
        poison policy politics poverty power prayer precision pressure prestige price pride
        problem process profit progress project promise proof proposal psychology purchase
        purpose quarrel question race rainbow reason recipe rehearsal religion reputation
        research result revenge reward rhythm risk routine royalty rumor safety salary scandal
        schedule science season secret seizure shame silence situation skill solution song
        sorrow speech spirit sport strategy strength struggle success suggestion surprise
        survival taste technology television_show tension theory thought threat thunder trade
        tradition tragedy training treaty trial trouble truth tune vacation value version
        victory view violence virtue vision vocabulary voice voyage war warning wealth weather
        wedding weekend welfare wisdom wish wonder world worry youth
    """,
    "quality": """
        amazing ancient antique attractive average awful azure bare beautiful beige big black
        blue bright brittle broad broken bronze brown cheap clean clear clever coarse cold
        colorful comfortable common complete cool crooked cruel crimson curious curved cute damp
        dangerous dark deep delicate different dirty dry dull dusty early elegant empty enormous
        entire expensive extra fabulous faded familiar famous fancy fine flat foreign fragile
        fragrant fresh funny genuine giant glorious golden gorgeous graceful gray greasy great
        green handsome handy hard harmless heavy hidden high hollow holy horrible hot huge ideal
        identical imported inexpensive interesting invisible joyful large lavender lazy leather
        light little lonely long loose loud lovely lucky luxurious magic marvelous massive mauve
        messy metal mild modern moist muddy mysterious narrow natural neat new nice noisy normal
        odd old orange ordinary original oval pale peculiar perfect pink plain pleasant plush
        polished poor popular powerful precious pretty private public pure purple quaint quiet
        rare raw real rectangular red remarkable rich rigid ripe rough round royal rusty scarce
        scarlet scratched second secret severe shabby shallow sharp shiny short silent silly
        silver simple sleek slender slick slim slippery small smelly smooth soft solid sour
        special spotted square steep sticky stiff stolen straight strange striped strong stylish
        superb sweet tall tan tasty temporary terrible thick thin tidy tight tiny tough
        transparent typical ugly unique unusual useful usual valuable various vast velvet violet
        visible vivid warm weak weird wet white whole wide wild wonderful wooden worthless
        yellow young
    """,
    "mood": """
        absent afraid aggressive alert alone amused angry annoyed anxious ashamed awake awkward
        bashful bitter bored brave busy calm careful careless casual cautious charming cheerful
        clumsy confident confused content courageous crazy curious decent delighted desperate
        determined disappointed eager embarrassed enthusiastic envious excited exhausted
        faithful fearless fierce foolish fortunate friendly frightened furious generous gentle
        glad gloomy grateful greedy guilty happy harsh helpful honest hopeful hungry ill
        impatient innocent jealous jolly joyous keen kind lame loyal mad mature merry
        mischievous miserable modest moody naughty nervous noble obvious overjoyed patient
        paranoid peaceful polite proud puzzled ready reasonable relaxed reluctant rude ruthless
        sad satisfied scared selfish sensible serious shocked shy sick sincere skillful sleepy
        smart sober sorry spoiled stubborn sure surprised suspicious sympathetic talented
        thankful thirsty thoughtful timid tired truthful unhappy upset vain vigorous weary
        wicked wise worried youthful zealous
    """,
    "manner": """
        abruptly accidentally actually angrily anxiously badly barely beautifully bravely
        briefly brightly calmly carefully carelessly casually certainly cheerfully clearly
        cleverly completely correctly courageously deeply definitely deliberately eagerly easily
        elegantly enthusiastically evenly eventually exactly faithfully fiercely finally firmly
        fluently foolishly fortunately freely gently gladly gracefully gradually greedily
        happily hastily honestly hurriedly immediately innocently joyfully kindly lazily loosely
        loudly loyally mostly mysteriously naturally nearly neatly nervously obviously openly
        patiently perfectly playfully politely poorly powerfully precisely presumably promptly
        properly proudly quickly quietly rapidly rarely really recently regularly reluctantly
        repeatedly roughly rudely sadly safely secretly seriously sharply shyly silently simply
        slightly slowly smoothly softly solemnly steadily strangely stubbornly successfully
        suddenly surely swiftly tenderly thoroughly thoughtfully tightly truly truthfully
        typically unexpectedly unfortunately unusually usually vaguely viciously visually warmly
        weakly wildly willingly wisely
    """,
    "handle": """
        adjust admire arrange borrow/borrowed/borrowing break/broke/breaking
        bring/brought/bringing build/built/building burn buy/bought/buying capture
        carry/carried/carrying carve catch/caught/catching check choose/chose/choosing clean
        close collect color connect cover crush damage deliver demand describe design
        destroy/destroyed/destroying discover display/displayed/displaying divide
        drag/dragged/dragging draw/drew/drawing drop/dropped/dropping dust
        empty/emptied/emptying enjoy/enjoyed/enjoying examine exchange fetch fill
        find/found/finding finish fix fold forget/forgot/forgetting gather grab/grabbed/grabbing
        guard hang/hung/hanging heat hide/hid/hiding hold/held/holding ignore imagine inspect
        invent keep/kept/keeping kick label launch leave/left/leaving lend/lent/lending lift
        load lock lose/lost/losing lower measure mend move notice obtain offer open order pack
        paint patch photograph pick_up/picked_up/picking_up place plug_in/plugged_in/plugging_in
        point_at/pointed_at/pointing_at polish pour_water_on/poured_water_on/pouring_water_on
        praise prepare press protect provide pull purchase push recognize recycle remove rent
        repair replace rescue return roll ruin save scratch scrub/scrubbed/scrubbing
        search_for/searched_for/searching_for select sell/sold/selling send/sent/sending
        shake/shook/shaking share sharpen shove sketch smash soak spoil spot/spotted/spotting
        squeeze steal/stole/stealing store study/studied/studying supply/supplied/supplying
        support swing/swung/swinging take/took/taking test throw/threw/throwing tie/tied/tying
        touch toss trade trim/trimmed/trimming try/tried/trying twist unlock use wash watch
        weigh win/won/winning wipe wrap/wrapped/wrapping yank
    """,
    "cook": """
        bake boil burn chew chop/chopped/chopping cook crave cut/cut/cutting devour dislike
        eat/ate/eating enjoy/enjoyed/enjoying finish freeze/froze/freezing fry/fried/frying
        grill heat like mix nibble order peel prepare refuse roast sell/sold/selling serve share
        simmer slice smell sniff spill spoil stir/stirred/stirring swallow taste toast
        try/tried/trying warm_up/warmed_up/warming_up want waste
    """,
    "meet": """
        accuse admire advise amuse annoy/annoyed/annoying answer applaud
        argue_with/argued_with/arguing_with arrest ask avoid blame bother call
        cheer_for/cheered_for/cheering_for chase comfort congratulate convince
        dance_with/danced_with/dancing_with deceive defend disappoint disturb embrace
        employ/employed/employing encourage entertain fight/fought/fighting follow
        forgive/forgave/forgiving frighten greet guide hear/heard/hearing help hire
        hug/hugged/hugging hurt/hurt/hurting impress insult interrupt interview introduce invite
        join joke_with/joked_with/joking_with know/knew/knowing
        laugh_with/laughed_with/laughing_with love marry/married/marrying massage
        meet/met/meeting miss nudge obey/obeyed/obeying pay/paid/paying persuade
        pity/pitied/pitying please punish push question recognize remember rescue respect save
        scold see/saw/seeing serve shock sing_with/sang_with/singing_with soothe support
        surprise teach/taught/teaching tease telephone thank threaten touch train trust visit
        wait_for/waited_for/waiting_for wake/woke/waking warn watch wave_to/waved_to/waving_to
        welcome worry/worried/worrying
    """,
    "move": """
        amble bounce bicycle climb crawl creep/crept/creeping cruise dance dash drift
        drive/drove/driving fall/fell/falling flee/fled/fleeing float flow fly/flew/flying
        gallop glide go/went/going head hike hobble hop/hopped/hopping hurry/hurried/hurrying
        jog/jogged/jogging journey/journeyed/journeying jump leap limp march move paddle parade
        plod/plodded/plodding race return ride/rode/riding roam roll row run/ran/running rush
        sail scurry/scurried/scurrying shuffle skate ski/skied/skiing skip/skipped/skipping
        slide/slid/sliding slip/slipped/slipping sneak splash sprint stagger stroll stumble
        swim/swam/swimming tiptoe/tiptoed/tiptoeing travel trot/trotted/trotting trudge tumble
        turn/turned/turning vanish walk wander whirl zoom
    """,
    "talk": """
        accept admit/admitted/admitting analyze announce appreciate
        avoid_mentioning/avoided_mentioning/avoiding_mentioning blame celebrate
        choose/chose/choosing consider/considered/considering criticize debate defend
        deny/denied/denying describe discuss doubt dread emphasize enjoy/enjoyed/enjoying
        envision estimate exaggerate examine expect explain explore fear
        forget/forgot/forgetting hate hear_about/heard_about/hearing_about ignore imagine
        investigate joke_about/joked_about/joking_about judge
        lecture_about/lectured_about/lecturing_about mention misjudge notice oppose photograph
        ponder predict prefer/preferred/preferring prevent/prevented/preventing propose question
        regret/regretted/regretting remember report resent reveal/revealed/revealing share
        study/studied/studying suggest support understand/understood/understanding visualize
        voice_doubts_about/voiced_doubts_about/voicing_doubts_about welcome
        whisper_about/whispered_about/whispering_about worry_about/worried_about/worrying_about
        write_about/wrote_about/writing_about yell_about/yelled_about/yelling_about
    """,
    "when": """
        after_breakfast after_dark after_dinner after_lunch after_midnight after_school
        after_the_storm all_afternoon all_morning all_night all_summer as_usual at_dawn at_dusk
        at_last at_midnight at_night at_noon at_once at_sunrise at_the_weekend before_breakfast
        before_dinner before_lunch before_sunset during_the_fall during_the_parade
        during_the_winter every_day every_evening every_month every_Sunday for_a_change
        for_an_hour for_pleasure for_the_first_time for_years from_time_to_time in_a_hurry
        in_April in_August in_autumn in_December in_February in_January in_July in_June in_March
        in_May in_November in_October in_September in_spring in_the_afternoon in_the_dark
        in_the_evening in_the_fog in_the_meantime in_the_moonlight in_the_morning in_the_rain
        in_the_shade in_the_snow in_the_sunshine just_in_time last_Friday last_month last_week
        last_year long_ago on_Friday on_Monday on_purpose on_Saturday on_that_occasion
        on_the_holiday on_Thursday on_time on_Tuesday on_Wednesday once_a_week once_again
        over_the_weekend right_away some_time_ago the_other_day this_morning this_week this_year
        throughout_the_year today together tonight twice_a_day under_pressure until_Thursday
        with_both_hands with_great_care with_great_pleasure with_precision without_a_sound
        without_any_help without_delay yesterday
    """,
    "weather": """
        avalanche blizzard breeze cloud downpour drizzle earthquake flood fog frost gale hail
        heat hurricane icicle landslide lightning mist moon northern_wind rain sea shadow shower
        sky smoke snow storm sun sunset thaw thunder tide tornado typhoon volcano wave whirlwind
        wind
    """,
    "weather_does": """
        arrived changed_everything_we_knew cleared_up_by_noon came_down_from_the_hills
        crossed_the_valley disappeared faded_away faded_behind_the_clouds froze_our_fingers
        grew_stronger_by_the_hour grew_worse kept_us_awake kept_us_indoors looked_beautiful
        made_the_children_shiver moved_south moved_toward_the_coast passed_over_the_village
        ruined_the_picnic rolled_across_the_plain rose_again scared_the_sheep shook_the_house
        spoiled_our_trip surprised_us_all surrounded_the_tower took_everyone_by_surprise
        turned_the_road_into_mud vanished_as_fast_as_it_had_come was_worse_than_we_feared
        woke_the_whole_town
    """,
    "subject": """
        algebra anatomy archery art astronomy baseball basketball biology boxing bowling
        chemistry chess Chinese cooking dancing drawing English fencing fishing football French
        gardening geography geology geometry German golf grammar gymnastics hiking hockey
        Japanese jogging knitting Latin painting photography pottery reading rugby Russian
        sailing sewing singing skiing soccer sociology Spanish spelling surfing swimming tennis
        volleyball weaving wrestling yoga zoology
    """,
    "body": """
        ankle arm back beard cheek chest ear elbow eyebrow eye finger fist foot/feet forehead
        hair hand head heart heel hip jaw joint knee knuckle leg lip lung mouth muscle neck nose
        rib shoulder skin spine stomach/stomachs thigh throat thumb toe tongue tooth/teeth waist
        wrist
    """,
    "stuff": """
        aluminum bamboo brass cardboard cedar clay coal concrete copper cork cotton diamond
        fabric foil fur glass gold granite gravel iron ivory jade leather linen marble mud nylon
        oak paper pine plaster plastic plywood porcelain rubber sand silk slate soil steel stone
        straw suede tin velvet wax wicker wood wool
    """,
}

WORDS: dict[str, tuple[str, ...]] = {
    name: tuple(entry.replace("_", " ") for entry in entries.split())
    for name, entries in _LISTS.items()
}
