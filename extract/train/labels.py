"""The label sets of GUIDE.md, in the one order that training, heads file and program share."""

TYPES = ('PERSON ANIMAL ORG PLACE PRODUCT WORK EVENT ACTIVITY FOOD HEALTH ROLE GROUP TIME '
         'QUANTITY CONTACT CONCEPT').split()
RELATIONS = ('is_a also_called age birthday has_attribute has_value contact spouse_of parent_of '
             'sibling_of relative_of friend_of colleague_of knows has_pet works_at works_as '
             'works_on studies_at studies manages founded member_of skilled_in lives_in '
             'from_place located_in visited likes dislikes wants has_condition takes owns uses '
             'consumes does attends created happens_at part_of causes open').split()
SYMMETRIC = set('spouse_of sibling_of relative_of friend_of colleague_of knows'.split())
DOMAINS = 'casual kids emotional work technical medical legal news academic story monologue'.split()
ACTS = 'statement question command correction social'.split()
ROLES = 'none claim evidence conclusion'.split()
LINKS = 'none supports attacks concludes'.split()
STATUS = 'current past planned'.split()

TAGS = ['O'] + [p + t for t in TYPES for p in ('B-', 'I-')]
# A third-person mention: none, first word, further word, or only the pronoun at the
# head of a run-together word ("theyre").
MENTION = 'O B I H'.split()

# What a mention is to the pair heads: one of the entity types, or one of these.
KINDS = TYPES + ['USER', 'PRONOUN', 'ASKED']
USER, PRONOUN, ASKED = len(TYPES), len(TYPES) + 1, len(TYPES) + 2

# Words that are the speaker. The last ones are as recognisers write them without an apostrophe.
FIRST_PERSON = set('i me my mine myself we us our ours ourselves im ive'.split())

# The pronoun at the head of a run-together word, by that word.
HEADS = dict(hes='he', shes='she', its='it', theyre='they', theyve='they', theyll='they',
             theyd='they', hell='he', hed='he', shed='she', shell='she', itll='it', itd='it',
             thats='that', theres='there', heres='here', thatll='that', thatd='that', thems='them',
             itsa='it', hesa='he', shesa='she', thisll='this', thosere='those')

# Pronouns that may stand for several named ones.
PLURAL = set('they them their theirs themselves em both those these'.split())

TEXT_AT = 256   # position of the first piece of the text; [CLS] is at 255, the context before it
POSITIONS = 512
